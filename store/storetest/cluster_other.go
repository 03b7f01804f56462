//go:build !unix

package storetest

import "errors"

// cluster is a server.
type cluster struct{ address string }

func startCluster(string) (cluster, error) {
	return cluster{}, errors.New("throwaway clusters are made on Unix only")
}
