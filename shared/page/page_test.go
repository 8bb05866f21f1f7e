package page

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"nod/shared/domain"
)

func anEnterprise() domain.Enterprise {
	return domain.Enterprise{ID: "01a20000-0000-7000-8000-000000000001", Profile: domain.Profile{
		Name: domain.Texts{domain.Chinese: "示例", domain.English: "Example"}, Mode: domain.Live,
		Contact:      domain.Contact{Officer: "officer", Email: "a@example.com", Phone: "1", Address: "street"},
		FrameOrigins: []string{"https://lms.example.com", "https://b.example.com:8443"}, Accent: "#00ffcc",
		Logo: "data:image/png;base64,iVBORw0KGgo=",
	}}
}

func TestThePolicyLetsNothingInFromElsewhere(t *testing.T) {
	h := Headers(anEnterprise().Profile.FrameOrigins)
	policy := map[string]string{}
	for part := range strings.SplitSeq(h["Content-Security-Policy"], ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), " ")
		policy[name] = value
	}
	for name, want := range map[string]string{
		"default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "connect-src": "'self'", "base-uri": "'none'",
		"form-action": "'none'", "frame-ancestors": "https://lms.example.com https://b.example.com:8443",
		"require-trusted-types-for": "'script'", "trusted-types": "'none'",
	} {
		if policy[name] != want {
			t.Errorf("%s is %q, want %q", name, policy[name], want)
		}
	}
	for _, word := range []string{"unsafe", "*", "https:", "http:"} {
		if plain := strings.ReplaceAll(h["Content-Security-Policy"], policy["frame-ancestors"], ""); strings.Contains(plain, word) {
			t.Errorf("the policy has %s: %s", word, plain)
		}
	}
	if h["Referrer-Policy"] != "no-referrer" || !strings.HasPrefix(h["Permissions-Policy"], "camera=(self), microphone=()") {
		t.Errorf("%v", h)
	}
	if nobody := Headers(nil)["Content-Security-Policy"]; !strings.Contains(nobody, "frame-ancestors 'none'") {
		t.Errorf("without origins: %s", nobody)
	}
}

// What an enterprise wrote stands in the page as data.
func TestNothingBecomesMarkup(t *testing.T) {
	e := anEnterprise()
	const evil = `</script><script>alert(1)</script>"><img src=x onerror=alert(1)>`
	e.Profile.Name = domain.Texts{domain.Chinese: evil, domain.English: evil}
	e.Profile.Contact = domain.Contact{Officer: evil, Email: evil, Phone: evil, Address: evil}
	text := string(Of(e))
	if strings.Contains(text, "alert(1)</script>") || strings.Contains(text, "<img src=x") || strings.Count(text, "<script") != 3 {
		t.Errorf("%s", text)
	}
	_, data, _ := strings.Cut(text, `id="enterprise">`)
	data, _, _ = strings.Cut(data, "</script>")
	var c card
	if err := json.Unmarshal([]byte(data), &c); err != nil || c.Contact.Officer != evil || c.Name[domain.English] != evil {
		t.Errorf("%v: %s", err, data)
	}
}

// Whatever colour an enterprise chooses, texts in it and on it can be read.
func TestEveryColourIsMadeLegible(t *testing.T) {
	for _, chosen := range []string{"#ffffff", "#ffff00", "#00ffcc", "#ff0000", "#808080", "#0052d9", "#000000", "#Fe8a01"} {
		colour, on := legible(chosen)
		var r, g, b float64
		var n uint32
		if _, err := fmt.Sscanf(colour, "#%06x", &n); err != nil || on != "#ffffff" {
			t.Fatalf("%s becomes %q on %q", chosen, colour, on)
		}
		r, g, b = float64(n>>16&0xff), float64(n>>8&0xff), float64(n&0xff)
		if c := contrast(luminance([3]float64{r, g, b}), 1); c < 4.5 {
			t.Errorf("%s becomes %s, with a contrast of %.2f", chosen, colour, c)
		}
	}
	if colour, _ := legible("#0b6652"); colour != "#0b6652" {
		t.Errorf("a legible colour becomes %s", colour)
	}
	for _, none := range []string{"", "red", "#12345", "#12345g"} {
		if colour, on := legible(none); colour != "" || on != "" {
			t.Errorf("%q becomes %q", none, colour)
		}
	}
}

// Both languages say the same things, and leave nothing out.
func TestBothLanguagesSayEverything(t *testing.T) {
	const script = `
		const keys = (v, at) => typeof v === 'function' ? [at + '()'] : v && typeof v === 'object' ? Object.keys(v).flatMap(k => keys(v[k], at + '.' + k)) : [at + (v ? '' : ' EMPTY')]
		const names = (await import('node:fs')).readdirSync('.'), list = []
		for (const lang of ['zh-CN', 'en']) {
			const texts = names.filter(name => name === lang + '.js' || name.endsWith('.' + lang + '.js'))
			list.push((await Promise.all(texts.map(async name => keys((await import('./' + name)).default, name.replace(lang + '.js', ''))))).flat())
		}
		console.log(JSON.stringify(list))`
	node := exec.CommandContext(t.Context(), "node", "--input-type=module", "-e", script)
	node.Dir = "assets"
	out, err := node.Output()
	if err != nil {
		t.Fatal(err)
	}
	var both [2][]string
	if err := json.Unmarshal(out, &both); err != nil {
		t.Fatal(err)
	}
	for i, list := range both {
		for _, key := range list {
			if !slices.Contains(both[1-i], key) || strings.HasSuffix(key, "EMPTY") {
				t.Errorf("%s is only in one language, or empty", key)
			}
		}
	}
	if len(both[0]) < 250 {
		t.Errorf("%d texts", len(both[0]))
	}
}
