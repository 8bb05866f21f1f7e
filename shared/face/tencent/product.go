package tencent

import (
	"cmp"
	"crypto/tls"
	"errors"
	"net"
	"net/url"
)

// product is one of the vendor's: a service with its version, at an address.
type product struct {
	service, version string
	host             string // as it is signed
	address          string
	tls              *tls.Config // nil without TLS, as the local face API is
}

// The two products that faces and names are checked with.
const (
	iai, iaiVersion       = "iai", "2020-03-03"
	faceID, faceIDVersion = "faceid", "2018-03-01"
)

func newProduct(service, version, endpoint string) (p product, err error) {
	u, err := url.Parse(endpoint)
	if err != nil || u.Hostname() == "" {
		return p, errors.New("tencent: the endpoint of " + service + " is not an address")
	}
	p = product{service: service, version: version, host: u.Host}
	port := "80"
	if u.Scheme == "https" {
		port = "443"
		p.tls = &tls.Config{
			ServerName: u.Hostname(), MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"},
			ClientSessionCache: tls.NewLRUClientSessionCache(0),
			// Small records at first would help somebody who shows what comes; here all of
			// it is needed.
			DynamicRecordSizingDisabled: true,
		}
	}
	p.address = net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), port))
	return p, nil
}
