package workload

import "kdyno/engine/setting"

// fixed is one size for all records.
func fixed(size int) setting.Sizes {
	return setting.Sizes{Kind: "fixed", Least: int64(size), Most: int64(size)}
}
