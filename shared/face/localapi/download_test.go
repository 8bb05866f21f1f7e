package localapi

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

// photos serves one file for each way in which a download can go.
func photos(t *testing.T) string {
	mux := http.NewServeMux()
	mux.HandleFunc("/blank.png", func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write(blank(64, 64)) })
	mux.HandleFunc("/empty", func(w http.ResponseWriter, r *http.Request) {})
	mux.HandleFunc("/large", func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write(make([]byte, maxDecoded+1)) })
	mux.HandleFunc("/streamed", func(w http.ResponseWriter, r *http.Request) {
		for range maxDecoded/4096 + 1 {
			_, _ = w.Write(make([]byte, 4096))
		}
	})
	mux.HandleFunc("/cut", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = w.Write([]byte("cut"))
	})
	mux.Handle("/moved", http.RedirectHandler("/blank.png", http.StatusFound))
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL
}

func TestAddressesAreFetchedWithinBounds(t *testing.T) {
	s, base := newAPI(t), photos(t)
	for _, c := range []struct{ name, url, want string }{
		{"a picture without a face", base + "/blank.png", "InvalidParameterValue.NoFaceInPhoto"},
		{"nothing there", base + "/none", "FailedOperation.ImageDownloadError"},
		{"a redirect", base + "/moved", "FailedOperation.ImageDownloadError"},
		{"cut off", base + "/cut", "FailedOperation.ImageDownloadError"},
		{"empty", base + "/empty", "InvalidParameterValue.ImageEmpty"},
		{"too large", base + "/large", "FailedOperation.ImageSizeExceed"},
		{"too large, length unsaid", base + "/streamed", "FailedOperation.ImageSizeExceed"},
		{"nobody listens", "http://127.0.0.1:1/", "FailedOperation.ImageDownloadError"},
		{"metadata", "http://169.254.169.254/latest/meta-data", "FailedOperation.ImageDownloadError"},
		{"metadata, wrapped", "http://[::ffff:169.254.169.254]/", "FailedOperation.ImageDownloadError"},
		{"a file", "file:///etc/passwd", "InvalidParameterValue.UrlIllegal"},
		{"no host", "http:///a", "InvalidParameterValue.UrlIllegal"},
		{"a password", "http://u:p@127.0.0.1/", "InvalidParameterValue.UrlIllegal"},
		{"no URL", "://", "InvalidParameterValue.UrlIllegal"},
		{"endless", base + "/" + strings.Repeat("a", maxURL), "InvalidParameterValue.UrlIllegal"},
	} {
		t.Run(c.name, func(t *testing.T) {
			// The image would be refused if it were looked at: an address wins.
			e := compared(t, s, map[string]any{"UrlA": c.url, "ImageA": []byte("no image"), "ImageB": blank(64, 64)}).Error
			if e.Code != c.want {
				t.Errorf("%s, want %s", e.Code, c.want)
			}
			if strings.Contains(e.Message, "127.0.0.1") || strings.Contains(e.Message, c.url) {
				t.Errorf("the message repeats the address: %s", e.Message)
			}
		})
	}
}

func TestForbiddenAddressesAreRefusedHoweverTheyAreWritten(t *testing.T) {
	for address, want := range map[string]bool{
		"127.0.0.1":           false,
		"::1":                 false,
		"10.1.2.3":            false,
		"192.168.1.1":         false,
		"172.16.0.1":          false,
		"fd12:3456::1":        false,
		"203.0.113.7":         false,
		"2001:db8::1":         false,
		"64:ff9b::c000:0207":  false,
		"0.0.0.0":             true,
		"::":                  true,
		"169.254.169.254":     true,
		"169.254.0.23":        true,
		"::ffff:169.254.0.23": true,
		"fe80::1%eth0":        true,
		"224.0.0.1":           true,
		"ff02::1":             true,
		"255.255.255.255":     true,
		"100.100.100.200":     true,
		"168.63.129.16":       true,
		"fd00:ec2::254":       true,
		"fd00:ec2::254%eth0":  true,
		"64:ff9b::a9fe:a9fe":  true,
		"2002:a9fe:a9fe::1":   true,
		"::a9fe:a9fe":         true,
	} {
		if got := forbidden(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
	for _, address := range []string{"169.254.169.254:80", "[fe80::1%lo]:80", "name:80", ""} {
		if refuseForbidden("tcp", address, nil) == nil {
			t.Errorf("%q may be dialled", address)
		}
	}
}
