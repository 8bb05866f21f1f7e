package localapi

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"
)

const (
	downloadTimeout = 10 * time.Second
	connectTimeout  = 5 * time.Second
	maxURL          = 8192
	maxAnswerHeader = 64 << 10
)

// downloader fetches the images that are given as an address.
type downloader struct{ client *http.Client }

func newDownloader() *downloader {
	dialer := &net.Dialer{Timeout: connectTimeout, Control: refuseForbidden}
	return &downloader{&http.Client{
		Timeout: downloadTimeout,
		Transport: &http.Transport{
			Proxy:                  nil,
			DialContext:            dialer.DialContext,
			TLSHandshakeTimeout:    connectTimeout,
			MaxResponseHeaderBytes: maxAnswerHeader,
			DisableKeepAlives:      true, // an idle connection's buffer would keep a piece of the image
			DisableCompression:     true, // images do not shrink, and bombs grow
		},
		// A redirect is an answer like any other, and not a 200.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// get returns the image at an address; the caller wipes it. Errors never hold the
// address: it may carry a signature and may name a person.
func (d *downloader) get(ctx context.Context, address string) ([]byte, error) {
	u, err := url.Parse(address)
	if err != nil || len(address) > maxURL || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
		return nil, errURLIllegal
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, errURLIllegal
	}
	request.Header.Set("Accept", "image/jpeg, image/png, image/bmp")
	request.Header.Set("User-Agent", "nod-local-face-api")
	answer, err := d.client.Do(request)
	if err != nil {
		return nil, errDownload
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, errDownload
	}
	data, err := readBounded(answer.Body, answer.ContentLength, maxDecoded)
	switch {
	case errors.Is(err, errTooLong):
		return nil, errImageSize
	case err != nil:
		return nil, errDownload
	case len(data) == 0:
		return nil, errImageEmpty
	}
	return data, nil
}

var errForbidden = errors.New("localapi: forbidden address")

// refuseForbidden looks at the address that a connection is about to be made to, after
// all names are resolved, so that no name can lead where it must not.
func refuseForbidden(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || forbidden(to.Addr()) {
		return errForbidden
	}
	return nil
}

// metadata are the addresses, other than link-local ones, at which clouds hand their
// machines credentials.
var metadata = []netip.Addr{
	netip.MustParseAddr("100.100.100.200"), // Alibaba Cloud
	netip.MustParseAddr("168.63.129.16"),   // Azure
	netip.MustParseAddr("192.0.0.192"),     // Oracle
	netip.MustParseAddr("fd00:ec2::254"),   // AWS
	netip.MustParseAddr("fd20:ce::254"),    // Google
}

// translated are prefixes in whose addresses an IPv4 address is wrapped, and where.
var translated = []struct {
	prefix netip.Prefix
	at     int
}{
	{netip.MustParsePrefix("64:ff9b::/96"), 12},   // NAT64
	{netip.MustParsePrefix("64:ff9b:1::/48"), 12}, // NAT64, local use
	{netip.MustParsePrefix("2002::/16"), 2},       // 6to4
	{netip.MustParsePrefix("::/96"), 12},          // IPv4-compatible
}

// forbidden tells whether an address must not be asked for an image. Loopback and
// private addresses may: the photo server of a laptop or an enterprise has one.
func forbidden(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if a.IsLoopback() {
		return false
	}
	if a.IsUnspecified() || a.IsMulticast() || a.IsLinkLocalUnicast() || a == netip.AddrFrom4([4]byte{255, 255, 255, 255}) {
		return true
	}
	for _, m := range metadata {
		if a == m {
			return true
		}
	}
	for _, t := range translated {
		if b := a.As16(); a.Is6() && t.prefix.Contains(a) && forbidden(netip.AddrFrom4([4]byte(b[t.at:t.at+4]))) {
			return true
		}
	}
	return false
}
