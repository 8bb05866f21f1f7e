// Package console holds the console (/console): the pages on which an enterprise's
// administrator and its compliance officer see what happens, and do what is theirs to do.
//
// They are static, like those of package page, and learn everything by the interface, with
// the key of whoever sits there: what a program may do with a key is what a person may do
// with it. The key stays in the memory of the page. It is in no cookie, so that no other
// page can make a call with it, and not in the browser's storage, which is written to disk:
// when the page goes, so does the key.
package console

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"maps"
	"path"
	"slices"
	"sync"

	"nod/shared/page"
)

//go:embed assets thirdparty
var embedded embed.FS

// Files are those that the console loads, by name: its own, what it shares with the pages
// that people decide on, and what others wrote.
func Files() map[string]page.File { return made().files }

// Base is where the files are. It names what is in them, so that a page never meets files
// of another build.
func Base() string { return made().base }

// Page is the console itself, which is the same for everybody.
func Page() []byte { return made().page }

// once holds what is made when somebody opens the console first. It is no variable that is
// made when a program starts: a function that serves no console is linked without it.
var once struct {
	sync.Once
	is console
}

type console struct {
	files map[string]page.File
	base  string
	page  []byte
}

func made() console {
	once.Do(func() {
		files, sum := gather(), sha256.New()
		for _, name := range slices.Sorted(maps.Keys(files)) {
			sum.Write([]byte(name))
			sum.Write(files[name].Body)
		}
		base := "/console/" + hex.EncodeToString(sum.Sum(nil)[:8]) + "/"
		once.is = console{files, base, bytes.ReplaceAll(read("assets/console.html"), []byte("BASE/"), []byte(base))}
	})
	return once.is
}

// shared are the page's files that the console loads too, with what they are called there:
// what elements are made by, and a notice as people see it, with its words.
var shared = map[string]string{
	"dom.js": "dom.js", "field.js": "field.js", "notice.js": "notice.js",
	"en.js": "page.en.js", "zh-CN.js": "page.zh-CN.js",
}

// thirdParty is served as it was published.
var thirdParty = map[string]string{
	"uplot/uPlot.iife.min.js": "text/javascript; charset=utf-8",
	"uplot/uPlot.min.css":     "text/css; charset=utf-8",
}

func gather() map[string]page.File {
	files := map[string]page.File{}
	for _, name := range glob("assets/*.*s") { // scripts and the style sheet
		files[path.Base(name)] = page.Small(path.Base(name), read(name))
	}
	theirs := page.Files()
	for name, as := range shared {
		files[as] = theirs[name]
	}
	for name, kind := range thirdParty {
		files[path.Base(name)] = page.File{Kind: kind, Body: read("thirdparty/" + name)}
	}
	return files
}

// Headers are those of the console: it loads its own files, calls its own origin, and is
// framed by nobody.
func Headers() map[string]string {
	return map[string]string{
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
			"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
		"Permissions-Policy":         "camera=(), microphone=(), geolocation=(), display-capture=(), payment=(), usb=()",
		"Cross-Origin-Opener-Policy": "same-origin",
		"Referrer-Policy":            "no-referrer",
		"Cache-Control":              "no-store",
	}
}

func glob(pattern string) []string {
	names, err := fs.Glob(embedded, pattern)
	if err != nil {
		panic(err) // the pattern is ours
	}
	return names
}

// read reads an embedded file that is known to be there.
func read(name string) []byte {
	b, err := embedded.ReadFile(name)
	if err != nil {
		panic(err)
	}
	return b
}
