package page

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"maps"
	"mime"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/tdewolff/minify/v2"
	"github.com/tdewolff/minify/v2/css"
	"github.com/tdewolff/minify/v2/js"
)

// File is what a page loads: small, of one kind, and named after what is in it.
type File struct {
	Kind string // Content-Type
	Body []byte
}

// Files are those that pages load, by name. Comments and indentation are for those who
// read them here: they are taken out once, when somebody opens a page.
func Files() map[string]File { return made().files }

// Base is where the files are. It names what is in them, so that a page never meets
// files of another build, and browsers may keep them for good.
func Base() string { return made().base }

// The script that a learning platform embeds, and its description for TypeScript, have
// addresses that never change.
const embedScript = "nod.js"

// EmbedScript is the script.
func EmbedScript() File { return made().embed }

// EmbedTypes is its description.
func EmbedTypes() File { return File{"text/plain; charset=utf-8", read("nod.d.ts")} }

// once holds what is made when somebody opens a page first. It is no variable that is made
// when a program starts: a function that serves no page is linked without all of it.
var once struct {
	sync.Once
	is site
}

type site struct {
	files map[string]File
	base  string
	embed File
}

func made() site {
	once.Do(func() {
		files, sum := gather(), sha256.New()
		for _, name := range slices.Sorted(maps.Keys(files)) {
			sum.Write([]byte(name))
			sum.Write(files[name].Body)
		}
		once.is = site{
			files: files, base: "/page/" + hex.EncodeToString(sum.Sum(nil)[:8]) + "/", embed: small(embedScript),
		}
	})
	return once.is
}

func gather() map[string]File {
	files := map[string]File{}
	names, err := fs.Glob(assets, "assets/*.*s") // scripts and the style sheet
	if err != nil {
		panic(err)
	}
	for _, name := range names {
		name = path.Base(name)
		if name != embedScript && !strings.HasSuffix(name, ".d.ts") {
			files[name] = small(name)
		}
	}
	return files
}

func small(name string) File { return Small(name, read(name)) }

// Small is a script or a style sheet of a name, without what is for those who read it here.
func Small(name string, source []byte) File {
	kind := mime.TypeByExtension(path.Ext(name))
	media, _, _ := strings.Cut(kind, ";")
	m := minify.New()
	m.AddFunc("text/css", css.Minify)
	m.AddFunc("text/javascript", js.Minify)
	body, err := m.Bytes(media, source)
	if err != nil {
		panic(err) // a test would have met it
	}
	return File{kind, body}
}
