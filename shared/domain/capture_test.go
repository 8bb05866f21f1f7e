package domain_test

import (
	"bytes"
	"database/sql/driver"
	"encoding/base64"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"nod/shared/domain"
)

const secretFace = "/9j/SecretFaceSecretFaceSecretFaceSecretFace"

func aCapture() *domain.Capture {
	return domain.NewCapture([]byte(secretFace), domain.FromStream)
}

// leaks reports whether a piece of the face stands in a text, as itself, in hex, in
// base64 or as a list of numbers.
func leaks(s string) bool {
	face := []byte(secretFace)
	numbers := strings.Trim(fmt.Sprint(face), "[]")
	low := strings.ToLower(s)
	for _, form := range []string{
		secretFace, strings.ToLower(hex.EncodeToString(face[4:12])), numbers[12:60],
		base64.StdEncoding.EncodeToString(face[:9]), strings.ReplaceAll(numbers[12:60], " ", ","),
		strings.Trim(fmt.Sprintf("% x", face[4:12]), "[]"), fmt.Sprintf("%#v", face[4:8])[7:20],
	} {
		if strings.Contains(low, strings.ToLower(form)) {
			return true
		}
	}
	return false
}

// holders are the ways to hold a capture that print differently.
func holders() map[string]any {
	c := aCapture()
	return map[string]any{
		"pointer":              c,
		"value":                *c,
		"pointer to pointer":   &c,
		"exported field":       struct{ Capture *domain.Capture }{c},
		"unexported field":     struct{ capture *domain.Capture }{c},
		"exported value":       struct{ Capture domain.Capture }{*c},
		"unexported value":     struct{ capture domain.Capture }{*c},
		"embedded":             struct{ *domain.Capture }{c},
		"pointer to a struct":  &struct{ capture domain.Capture }{*c},
		"slice":                []*domain.Capture{c},
		"slice of values":      []domain.Capture{*c},
		"map":                  map[string]domain.Capture{"a": *c},
		"any in a struct":      struct{ any any }{*c},
		"what the API gets":    domain.Comparison{Capture: c},
		"deep in what it gets": []any{&domain.Comparison{Capture: c}},
	}
}

func TestACaptureCannotBePrinted(t *testing.T) {
	if !leaks(secretFace) || !leaks(fmt.Sprint([]byte(secretFace))) || !leaks(fmt.Sprintf("%x", secretFace)) ||
		!leaks(fmt.Sprintf("%#v", []byte(secretFace))) || !leaks(fmt.Sprintf("% X", secretFace)) {
		t.Fatal("the search for leaks finds nothing")
	}
	for name, h := range holders() {
		for _, verb := range "vsqxXdboOcUeEfFgGtpTw" {
			for _, flags := range []string{"", "+", "#", " ", "# ", "-60", "060", "60.60"} {
				format := "%" + flags + string(verb)
				if s := fmt.Sprintf(format, h); leaks(s) {
					t.Errorf("%s by %s: %s", name, format, s)
				}
			}
		}
		if s := fmt.Sprint(h) + fmt.Sprintln(h) + fmt.Errorf("failed: %v", h).Error(); leaks(s) {
			t.Errorf("%s: %s", name, s)
		}
	}
	for _, s := range []string{fmt.Sprint(aCapture()), fmt.Sprintf("%+v", *aCapture()), aCapture().String(), fmt.Sprintf("%x", aCapture())} {
		if s != "[capture]" {
			t.Errorf("%q", s)
		}
	}
}

func TestACaptureCannotBeLogged(t *testing.T) {
	for name, h := range holders() {
		var b bytes.Buffer
		for _, handler := range []slog.Handler{slog.NewTextHandler(&b, nil), slog.NewJSONHandler(&b, nil)} {
			log := slog.New(handler)
			log.Info("check", "capture", h, slog.Group("g", slog.Any("capture", h)))
			log.With("capture", h).Info("check")
		}
		if leaks(b.String()) {
			t.Errorf("%s: %s", name, b.String())
		}
	}
}

func TestACaptureCannotBeMarshalled(t *testing.T) {
	for name, h := range holders() {
		raw, err := json.Marshal(h)
		if leaks(string(raw)) || err != nil && leaks(err.Error()) {
			t.Errorf("JSON of %s: %s %v", name, raw, err)
		}
		if name != "embedded" { // package encoding/xml panics on an embedded pointer
			if raw, _ = xml.Marshal(h); leaks(string(raw)) {
				t.Errorf("XML of %s: %s", name, raw)
			}
		}
		var b bytes.Buffer
		_ = gob.NewEncoder(&b).Encode(h)
		if leaks(b.String()) {
			t.Errorf("gob of %s: %s", name, b.String())
		}
	}
	for name, h := range map[string]any{
		"pointer": aCapture(), "value": *aCapture(), "field": struct{ C domain.Capture }{*aCapture()},
		"pointer field": struct{ C *domain.Capture }{aCapture()},
	} {
		if _, err := json.Marshal(h); !errors.Is(err, domain.ErrCapture) {
			t.Errorf("JSON of a %s: %v", name, err)
		}
		var b bytes.Buffer
		if err := gob.NewEncoder(&b).Encode(h); !errors.Is(err, domain.ErrCapture) {
			t.Errorf("gob of a %s: %v", name, err)
		}
	}
	if _, err := aCapture().MarshalText(); err != domain.ErrCapture {
		t.Error(err)
	}
}

func TestACaptureCannotBeStored(t *testing.T) {
	for name, c := range map[string]any{"pointer": aCapture(), "value": *aCapture()} {
		valuer, ok := c.(driver.Valuer)
		if !ok {
			t.Fatalf("a %s is no driver.Valuer", name)
		}
		if v, err := valuer.Value(); v != nil || err != domain.ErrCapture {
			t.Errorf("%s: %v, %v", name, v, err)
		}
	}
}

func TestWipeClearsTheVeryBytesThatArrived(t *testing.T) {
	text := []byte(secretFace)
	c := domain.NewCapture(text, domain.FromPhoto)
	if c.Kind() != domain.FromPhoto || &c.Base64()[0] != &text[0] || string(c.Base64()) != secretFace {
		t.Fatal("it does not hold the slice it was given")
	}
	copied := *c
	c.Wipe()
	if !bytes.Equal(text, make([]byte, len(secretFace))) {
		t.Errorf("%q is left", text)
	}
	if c.Base64() != nil || copied.Base64() != nil {
		t.Error("it still lends the text")
	}
	if err := c.Inspect(); reason(t, err) != domain.ImageMissing {
		t.Error(err)
	}
	c.Wipe()
	var none *domain.Capture
	none.Wipe()
	var zero domain.Capture
	zero.Wipe()
	if zero.Base64() != nil || zero.Kind() != "" || reason(t, zero.Inspect()) != domain.ImageMissing {
		t.Error("the zero value holds something")
	}
}

func TestAReferenceCannotBePrintedOrLogged(t *testing.T) {
	const url, name, number = "https://lms.example.com/secret.png", "张三", "110101199003070000"
	id := &domain.Identity{Name: domain.Private(name), IDNumber: domain.Private(number)}
	for what, h := range map[string]any{
		"reference": domain.Reference{PhotoURL: url, Identity: id}, "pointer": &domain.Reference{PhotoURL: url},
		"identity": id, "identity by value": *id, "comparison": domain.Comparison{Reference: domain.Reference{PhotoURL: url, Identity: id}},
		"request": domain.SessionRequest{Reference: &domain.Reference{PhotoURL: url}},
	} {
		var all strings.Builder
		for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			fmt.Fprintf(&all, format, h)
		}
		slog.New(slog.NewTextHandler(&all, nil)).Info("x", "h", h)
		if what != "comparison" && what != "request" { // package json marshals a Reference: that is how it is sealed
			slog.New(slog.NewJSONHandler(&all, nil)).Info("x", "h", h)
		}
		for _, secret := range []string{url, name, number, hex.EncodeToString([]byte(url))} {
			if strings.Contains(all.String(), secret) {
				t.Errorf("%s shows %s: %s", what, secret, all.String())
			}
		}
	}
}

func TestSafeURLs(t *testing.T) {
	for _, c := range []struct {
		url               string
		elsewhere, byHand bool
	}{
		{"https://lms.example.com/1.png?x=1", true, true}, {"http://127.0.0.1:8090/1.png", false, true}, {"http://localhost/1", false, true},
		{"http://[::1]:1/1", false, true}, {"http://lms.example.com/1.png", false, false}, {"http://127.0.0.1.evil.example/", false, false},
		{"https://u@lms.example.com/", false, false}, {"file:///etc/passwd", false, false}, {"ftp://lms.example.com", false, false},
		{"https:///x", false, false}, {"https://:443/x", false, false}, {"", false, false}, {"::", false, false}, {"/1.png", false, false},
		{"https://lms.example.com/" + strings.Repeat("x", 2000), false, false},
	} {
		if domain.SafeURL(c.url, false) != c.elsewhere || domain.SafeURL(c.url, true) != c.byHand {
			t.Errorf("%s", c.url)
		}
	}
}
