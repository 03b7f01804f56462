package ntfy

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/config"
)

// Platform is the name of the platform in configuration and identities.
const Platform = "ntfy"

// tokenVariable is looked at if the file names no token.
const tokenVariable = "WATCHBELL_NTFY_TOKEN"

// Config is the platform's block in a configuration file. The zero value is off.
type Config struct {
	URL   string           `yaml:"url"`
	Token config.SecretRef `yaml:"token"`

	Secret core.Secret `yaml:"-"` // what Token refers to, once it was fetched
}

// Enabled tells whether the block is there.
func (c Config) Enabled() bool { return c.URL != "" }

// Decode reads the block; without one the platform is off. An unknown key is an error.
func Decode(block ast.Node) (Config, error) {
	var c Config
	if block == nil {
		return c, nil
	}
	if err := yaml.NodeToValue(block, &c, yaml.Strict()); err != nil {
		return Config{}, err
	}
	return c, c.Validate()
}

// Validate reports what is wrong with the block.
func (c Config) Validate() error {
	u, err := url.Parse(c.URL)
	switch {
	case c.URL == "":
		return core.Errorf(core.Invalid, "url is missing; write url: https://ntfy.example.com.")
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return core.Errorf(core.Invalid, "url is no address of a server; write it like https://ntfy.example.com.")
	case u.RawQuery != "" || u.Fragment != "" || u.User != nil:
		return core.Errorf(core.Invalid, "url is the server's address alone, without a user and without what follows a ? or #.")
	}
	return nil
}

// Resolve fetches the token. It is no error that there is none: a server may be open.
func (c *Config) Resolve(getenv func(string) (string, bool), readFile func(string) ([]byte, error)) (err error) {
	ref := c.Token
	if text, ok := getenv(tokenVariable); ref.IsZero() && ok && text != "" {
		ref.Env = tokenVariable
	}
	c.Secret, err = ref.Resolve(getenv, readFile)
	return err
}

// topic is what a server takes for the name of a topic.
// https://github.com/binwiederhier/ntfy, server/server.go: topicRegex.
var topic = regexp.MustCompile(`^[-_A-Za-z0-9]{1,64}$`)

// ValidAccount refuses what cannot be a person's topic.
func ValidAccount(account string) error {
	if topic.MatchString(account) {
		return nil
	}
	return core.Errorf(core.Invalid, "The ntfy topic %s is none: it has 1 to 64 letters, digits, - and _.", "“"+core.Line(account, 40)+"”")
}

func trimmed(address string) string { return strings.TrimRight(address, "/") }
