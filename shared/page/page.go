// Package page holds the pages that people meet: that of a session (/s/{enterprise}),
// that of a receipt's link (/w/{enterprise}), and what a learning platform embeds.
//
// They are static: a page learns from its HTML whose it is (the enterprise's name, logo,
// contact and registered origins), and everything else by the interface, like any other
// client. There is no framework and no third party; the page's policy forbids both. What
// people and enterprises wrote goes into the page as text, never as markup.
package page

import (
	"embed"
	"encoding/json"
	"html"
	"strings"

	"nod/shared/domain"
)

//go:embed assets
var assets embed.FS

// card is what the page is told of its enterprise.
type card struct {
	ID           domain.ID      `json:"id"`
	Name         domain.Texts   `json:"name"`
	Contact      domain.Contact `json:"contact"`
	Mode         domain.Mode    `json:"mode"`
	FrameOrigins []string       `json:"frame_origins"`
	Accent       string         `json:"accent,omitempty"`
	OnAccent     string         `json:"on_accent,omitempty"`
}

// Message is a page of two sentences, for where there is no enterprise to show.
type Message struct{ ZhTitle, Zh, EnTitle, En string }

var (
	// NotFound is for an address that names no enterprise.
	NotFound = Message{
		"没有找到这个页面", "请回到学习平台，重新点开核验链接。复制链接时要复制完整。",
		"This page was not found", "Go back to the learning platform and open the link again. If you copy it, copy all of it.",
	}
	// Down is for when nothing can be looked up.
	Down = Message{
		"服务暂时用不了", "不是您的问题。请过一会儿重新打开，或者使用企业提供的替代方式，不会因此受影响。",
		"The service cannot be reached", "This is not your doing. Open the page again in a while, or use the alternative that your enterprise offers; it costs you nothing.",
	}
)

// Of writes the page of an enterprise.
func Of(e domain.Enterprise) []byte {
	p := e.Profile
	accent, on := legible(p.Accent)
	origins := p.FrameOrigins
	if origins == nil {
		origins = []string{}
	}
	told, err := json.Marshal(card{ // with no "<" in it
		ID: e.ID, Name: p.Name, Contact: p.Contact, Mode: p.Mode, FrameOrigins: origins, Accent: accent, OnAccent: on,
	})
	if err != nil {
		panic(err) // texts can always be written
	}
	logo := ""
	if p.Logo != "" { // a data: URL of a picture, see domain.Profile
		logo = `<img id="logo" src="` + html.EscapeString(p.Logo) + `" alt="">`
	}
	return filled("page.html", "base", Base(), "title", html.EscapeString(p.Name.In(domain.Chinese)), "logo", logo, "enterprise", string(told))
}

// With writes a page of two sentences, which are ours.
func With(m Message) []byte {
	return filled("message.html", "base", Base(), "zh-title", m.ZhTitle, "zh", m.Zh, "en-title", m.EnTitle, "en", m.En)
}

// filled writes a page with values in its places, each a {{name}}. It is no template of
// package html/template, which calls methods by their names, so that the linker leaves out
// none of any type: that made this function larger by a seventh. So whoever gives a value
// has it in the form that its place asks for.
func filled(page string, values ...string) []byte {
	for i := 0; i < len(values); i += 2 {
		values[i] = "{{" + values[i] + "}}"
	}
	return []byte(strings.NewReplacer(values...).Replace(string(read(page)))) // in one pass: no value is searched for places
}

// Headers are those of every page: what it may load (itself), who may frame it (the
// enterprise's registered origins), what it may use (the camera), and that its address,
// which carries a code for a moment, goes nowhere.
func Headers(origins []string) map[string]string {
	frames := "'none'"
	if len(origins) > 0 {
		frames = strings.Join(origins, " ") // plain origins, see domain.Profile
	}
	return map[string]string{
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
			"media-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors " + frames +
			"; require-trusted-types-for 'script'; trusted-types 'none'",
		"Permissions-Policy": "camera=(self), microphone=(), geolocation=(), display-capture=(), payment=(), usb=()",
		"Referrer-Policy":    "no-referrer",
		"Cache-Control":      "no-store",
	}
}

// read reads an embedded file that is known to be there.
func read(name string) []byte {
	b, err := assets.ReadFile("assets/" + name)
	if err != nil {
		panic(err)
	}
	return b
}
