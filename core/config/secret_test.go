package config

import (
	"errors"
	"fmt"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/core"
)

func readSecret(t *testing.T, text string) (SecretRef, error) {
	t.Helper()
	var block struct {
		Token SecretRef `yaml:"token"`
	}
	err := yaml.Unmarshal([]byte("token: "+text), &block)
	return block.Token, err
}

func TestSecretsAreReadInTheirThreeForms(t *testing.T) {
	getenv := func(name string) (string, bool) { return "from " + name, name == "TOKEN" }
	readFile := func(path string) ([]byte, error) {
		if path != "/run/token" {
			return nil, errors.New("no such file")
		}
		return []byte("from a file\n"), nil
	}
	for text, want := range map[string]core.Secret{
		"{env: TOKEN}": "from TOKEN", "{file: /run/token}": "from a file", "plain-text": "plain-text", "": "",
	} {
		ref, err := readSecret(t, text)
		require.NoError(t, err, text)
		got, err := ref.Resolve(getenv, readFile)
		require.NoError(t, err, text)
		require.Equal(t, want.Reveal(), got.Reveal(), text)
		require.Equal(t, text == "plain-text", ref.Inline(), text)
		require.Equal(t, text == "", ref.IsZero(), text)
	}
	for _, text := range []string{"{env: OTHER}", "{file: /elsewhere}"} {
		ref, err := readSecret(t, text)
		require.NoError(t, err, text)
		_, err = ref.Resolve(getenv, readFile)
		require.Equal(t, core.Invalid, core.KindOf(err), text)
	}
}

func TestSecretsInOtherFormsAreRefused(t *testing.T) {
	for _, text := range []string{"{}", "{env: A, file: B}", "{evn: A}", "[a]", "{env: [a]}", "12"} {
		_, err := readSecret(t, text)
		require.Error(t, err, text)
	}
}

func TestSecretsAreNeverPrinted(t *testing.T) {
	ref, err := readSecret(t, "hush-hush")
	require.NoError(t, err)
	require.NotContains(t, fmt.Sprintf("%v %+v %#v", ref, ref, ref), "hush")
}
