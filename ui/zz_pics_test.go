package ui

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

func TestPics(t *testing.T) {
	want := os.Getenv("PICS")
	if want == "" {
		t.Skip()
	}
	for _, size := range sizes {
		for _, s := range slices.Concat(situations, views, demoScenes()) {
			for _, l := range looks() {
				name := fmt.Sprintf("%s-%dx%d-%s", s.name, size[0], size[1], l)
				ok := false
				for _, w := range strings.Split(want, ",") {
					if w == name {
						ok = true
					}
				}
				if !ok {
					continue
				}
				m, e, _ := workbench(size[0], size[1])
				s.do(m, e)
				m.wear(l)
				_ = m.frame()
				os.WriteFile("/tmp/pics/"+name+".svg", []byte(m.screen.canvas.SVG(m.look.theme)), 0o644)
			}
		}
	}
}
