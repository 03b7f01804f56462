package webchat

import (
	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// Config is the platform's block in a configuration file.
type Config struct {
	Enabled bool `yaml:"enabled"` // default: on
}

// Decode reads the block; without one the web chat is on. An unknown key is an error.
func Decode(block ast.Node) (Config, error) {
	c := Config{Enabled: true}
	if block == nil {
		return c, nil
	}
	return c, yaml.NodeToValue(block, &c, yaml.Strict())
}
