package dialect

import (
	"fmt"
	"strconv"
	"strings"

	"kdyno/engine/setting"
)

// partitioner is one of a client's, and what it is in Kafka's words.
type partitioner struct {
	class   string // partitioner.class
	ignore  bool   // partitioner.ignore.keys, with the built-in class
	says    string
	differs string // how it is not quite that; then only imports use it
}

// sayPartitioner writes partitioner.class and partitioner.ignore.keys as one.
func (e *exporter) sayPartitioner(name string) {
	e.done[setting.PartitionerClass], e.done[setting.PartitionerIgnoreKeys] = true, true
	class, ignore := e.values.Text(setting.PartitionerClass), e.values.Bool(setting.PartitionerIgnoreKeys)
	key := setting.PartitionerClass
	if ignore && class == setting.BuiltIn {
		key = setting.PartitionerIgnoreKeys
	}
	l := line{key: key, name: e.spelt(name), form: asSymbol}
	for _, p := range e.client.partitioners {
		if p.differs != "" || p.class != class || p.class == setting.BuiltIn && p.ignore != ignore {
			continue
		}
		if ignore && class != setting.BuiltIn {
			e.lose(setting.PartitionerIgnoreKeys, "it only concerns the built-in partitioner", "")
		}
		l.text = p.says
		if !e.values.IsSet(key) {
			l.why = "Kafka's own; " + e.client.name + " does otherwise by itself"
		}
		e.add(l)
		return
	}
	l.text = e.client.partitioners[0].says
	if ignore {
		e.lose(setting.PartitionerIgnoreKeys, "it only concerns the built-in partitioner", "")
	}
	e.add(l)
	e.lose(setting.PartitionerClass, e.client.name+" has no such partitioner", l.name+"="+l.text)
}

// hearPartitioner reads it back; std is what the client does by itself.
func (i *importer) hearPartitioner(name, std string) {
	e, said := i.others[i.client.folded(name)]
	if !said {
		e = entry{name: name, value: value{text: std}}
	}
	origin := Origin{Line: e.line, Column: e.column, Name: e.name, Client: !said}
	if blank := blankOf(e.value); blank != "" {
		i.blank(setting.PartitionerClass, blank, e)
		return
	}
	for _, p := range i.client.partitioners {
		if p.says != e.value.text {
			continue
		}
		i.tookPartitioner(p, e, origin)
		return
	}
	words := make([]string, len(i.client.partitioners))
	for n, p := range i.client.partitioners {
		words[n] = p.says
	}
	i.problem(Problem{
		Severity: setting.Error, Line: e.line, Column: e.column, Key: setting.PartitionerClass,
		Say: named(e.name) + ": " + shown(e.value.text) + " is not one of its values", Hint: "one of " + strings.Join(words, ", "),
	})
}

func (i *importer) tookPartitioner(p partitioner, e entry, origin Origin) {
	key, text := setting.PartitionerClass, p.class
	if p.ignore {
		key, text = setting.PartitionerIgnoreKeys, "true"
	}
	v, err := i.im.Values.With(key, text)
	switch {
	case err != nil:
		i.loss(Loss{
			Key: setting.PartitionerClass, Name: named(e.name), Line: e.line,
			Say: fmt.Sprintf("%s chooses partitions by another hash (%s), which is not to be had here.", i.client.name, p.says), Nearest: "built-in, which is murmur2",
		})
	case text != "" || !origin.Client:
		i.im.Values, i.im.Origins[key] = v, origin
	}
	if p.differs != "" {
		i.loss(Loss{Key: setting.PartitionerClass, Name: named(e.name), Line: e.line, Say: "With " + p.says + " " + p.differs + ".", Nearest: string(key) + "=" + text})
	}
}

// levels are the settings of a codec's level.
var levels = map[string]setting.Key{"gzip": setting.CompressionGzipLevel, "lz4": setting.CompressionLz4Level, "zstd": setting.CompressionZstdLevel}

// levelOf gives the level of the codec in use, where it is not its default, and
// records the levels of the other codecs as lost: only one can be said.
func (e *exporter) levelOf(bounds map[string][2]int64) (text string, said bool) {
	codec := e.values.Text(setting.CompressionType)
	for of, key := range levels {
		e.done[key] = true
		level := e.values.Text(key)
		if level == setting.Defaults().Text(key) {
			continue
		}
		if of != codec {
			e.lose(key, "only the level of the codec in use can be said", "")
			continue
		}
		var lost string
		text, _, lost = word{form: asNumber, least: bounds[of][0], most: bounds[of][1]}.speak(level)
		said = true
		if lost != "" {
			e.lose(key, lost, text)
		}
	}
	return text, said
}

func (e *exporter) sayLevel(name string, bounds map[string][2]int64) {
	if text, said := e.levelOf(bounds); said {
		e.add(line{key: levels[e.values.Text(setting.CompressionType)], name: e.spelt(name), text: text, form: asNumber})
	}
}

// hearLevel reads one level for the codec in use; -1 is its default.
func (i *importer) hearLevel(name string) {
	e, said := i.others[i.client.folded(name)]
	if !said || e.value.text == "-1" {
		return
	}
	codec := i.im.Values.Text(setting.CompressionType)
	key, has := levels[codec]
	if blank := blankOf(e.value); blank != "" {
		i.blank(setting.CompressionType, blank, e)
		return
	}
	if _, err := strconv.Atoi(e.value.text); err != nil {
		i.problem(Problem{Severity: setting.Error, Line: e.line, Column: e.column, Say: named(e.name) + ": " + shown(e.value.text) + " is not a whole number", Hint: "a level such as 6"})
		return
	}
	if codec == "lz4" && e.value.text == "9" {
		e.value.text = "10"
		i.loss(Loss{Key: key, Name: named(e.name), Line: e.line, Say: "9 is the name of Java's fast compressor, and not one of lz4's high levels.", Nearest: string(key) + "=10"})
	}
	if has {
		if v, err := i.im.Values.With(key, e.value.text); err == nil {
			i.im.Values, i.im.Origins[key] = v, Origin{Line: e.line, Column: e.column, Name: e.name}
			return
		}
	}
	i.loss(Loss{Key: key, Name: named(e.name), Line: e.line, Say: fmt.Sprintf("Kafka has no level %s for compression.type=%s.", e.value.text, codec)})
}

// login is how a client that takes PEM calls its certificates, and how it calls
// a name and a password, which Kafka keeps in sasl.jaas.config.
type login struct {
	user, password       string
	ca, certificate, key string
	store                string // a PKCS12 file with both of them; empty: none is read
	method               string // has to be oidc where a token is fetched; empty: there is none
}

// sayLogin writes certificates and passwords.
func (e *exporter) sayLogin() {
	l := e.client.login
	e.sayTrust(l)
	e.sayKey(l)
	if e.done[setting.SASLJaasConfig] = true; !e.asked.IsSet(setting.SASLJaasConfig) && !e.needs(setting.SASLJaasConfig) {
		return
	}
	mechanism := e.values.Text(setting.SASLMechanism)
	switch {
	case mechanism == setting.OAuthBearer && l.method != "" && e.values.Text(setting.OAuthTokenURL) != "":
		e.add(line{key: setting.SASLMechanism, name: e.spelt(l.method), text: "oidc"})
		e.lose(setting.SASLJaasConfig, "a secret is never written", "")
	case mechanism == setting.OAuthBearer || mechanism == setting.GSSAPI:
		e.lose(setting.SASLJaasConfig, "what is in it for "+mechanism+" is configured otherwise there", "")
	default:
		e.hide(setting.SASLJaasConfig, l.user, userVariable)
		e.hide(setting.SASLJaasConfig, l.password, passwordVariable)
		e.lose(setting.SASLJaasConfig, "a secret is never written", l.user+" and "+l.password)
	}
}

func (e *exporter) sayTrust(l *login) {
	path, pem := e.values.Text(setting.SSLTruststoreLocation), e.values.Text(setting.SSLTruststoreType) == "PEM"
	if e.done[setting.SSLTruststoreLocation] = true; path == "" {
		return
	}
	if !pem {
		e.lose(setting.SSLTruststoreLocation, e.client.name+" takes PEM, and this is "+e.values.Text(setting.SSLTruststoreType), "")
		return
	}
	e.done[setting.SSLTruststoreType] = true
	e.add(line{key: setting.SSLTruststoreLocation, name: e.spelt(l.ca), text: path})
}

func (e *exporter) sayKey(l *login) {
	if e.done[setting.SSLKeystoreLocation] = true; e.values.Text(setting.SSLKeystoreLocation) == "" {
		return
	}
	path, kind := e.values.Text(setting.SSLKeystoreLocation), e.values.Text(setting.SSLKeystoreType)
	switch {
	case kind == "PEM":
		e.done[setting.SSLKeystoreType] = true
		e.add(line{key: setting.SSLKeystoreLocation, name: e.spelt(l.certificate), text: path})
		e.add(line{key: setting.SSLKeystoreLocation, name: e.spelt(l.key), text: path})
	case kind == "PKCS12" && l.store != "":
		e.done[setting.SSLKeystoreType] = true
		e.add(line{key: setting.SSLKeystoreLocation, name: e.spelt(l.store), text: path})
	default:
		e.lose(setting.SSLKeystoreLocation, e.client.name+" does not read "+kind, "")
	}
}

// hearLogin reads certificates and passwords back.
func (i *importer) hearLogin() {
	l := i.client.login
	i.hearPassword(l)
	if ca, said := i.others[i.client.folded(l.ca)]; said {
		i.file(ca, "PEM", setting.SSLTruststoreLocation, setting.SSLTruststoreType)
	}
	if store, said := i.others[i.client.folded(l.store)]; said {
		i.file(store, "PKCS12", setting.SSLKeystoreLocation, setting.SSLKeystoreType)
	}
	certificate, one := i.others[i.client.folded(l.certificate)]
	key, two := i.others[i.client.folded(l.key)]
	switch {
	case one && two && certificate.value == key.value:
		i.file(certificate, "PEM", setting.SSLKeystoreLocation, setting.SSLKeystoreType)
	case one || two:
		if !one {
			certificate = key
		}
		i.loss(Loss{
			Key: setting.SSLKeystoreLocation, Name: named(certificate.name), Line: certificate.line,
			Say: "Kafka takes key and certificate from one file.", Nearest: "ssl.keystore.location with both in it, and ssl.keystore.type=PEM",
		})
	}
}

// file sets where a file is, and its form.
func (i *importer) file(e entry, form string, location, kind setting.Key) {
	if blank := blankOf(e.value); blank != "" {
		i.blank(location, blank, e)
		if e.value.kind != written {
			return
		}
	}
	v, err := i.im.Values.With(location, e.value.text)
	if err == nil {
		v, err = v.With(kind, form)
	}
	if err != nil {
		i.problem(Problem{Severity: setting.Error, Line: e.line, Column: e.column, Key: location, Say: named(e.name) + ": " + err.Error()})
		return
	}
	i.im.Values = v
	i.im.Origins[location] = Origin{Line: e.line, Column: e.column, Name: e.name}
	i.im.Origins[kind] = i.im.Origins[location]
}

// hearPassword makes sasl.jaas.config of a name and a password.
func (i *importer) hearPassword(l *login) {
	user, one := i.others[i.client.folded(l.user)]
	password, two := i.others[i.client.folded(l.password)]
	if !one && !two {
		return
	}
	i.im.Secrets = append(i.im.Secrets, setting.SASLJaasConfig)
	for _, e := range []entry{user, password} {
		if blank := blankOf(e.value); blank != "" {
			i.blank(setting.SASLJaasConfig, blank, e)
		}
	}
	if !one || !two || blankOf(user.value) != "" || blankOf(password.value) != "" {
		return
	}
	module := setting.ScramModule
	if i.im.Values.Text(setting.SASLMechanism) == setting.Plain {
		module = setting.PlainModule
	}
	quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`)
	jaas := fmt.Sprintf(`%s required username="%s" password="%s";`, module, quoted.Replace(user.value.text), quoted.Replace(password.value.text))
	if v, err := i.im.Values.WithSecret(setting.SASLJaasConfig, setting.Secret(jaas)); err == nil {
		i.im.Values = v
		i.im.Origins[setting.SASLJaasConfig] = Origin{Line: password.line, Column: password.column, Name: password.name}
	}
}
