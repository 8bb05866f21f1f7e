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
// read them here: they are taken out once, when somebody opens a page, so that a function
// that serves none does not do it when it starts.
var Files = sync.OnceValue(func() map[string]File {
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
})

// The script that a learning platform embeds, and its description for TypeScript, have
// addresses that never change.
const embedScript = "nod.js"

var (
	EmbedScript = sync.OnceValue(func() File { return small(embedScript) })
	EmbedTypes  = sync.OnceValue(func() File { return File{"text/plain; charset=utf-8", read("nod.d.ts")} })
)

// Base is where the files are. It names what is in them, so that a page never meets
// files of another build, and browsers may keep them for good.
var Base = sync.OnceValue(func() string {
	files, sum := Files(), sha256.New()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		sum.Write([]byte(name))
		sum.Write(files[name].Body)
	}
	return "/page/" + hex.EncodeToString(sum.Sum(nil)[:8]) + "/"
})

var minifier = sync.OnceValue(func() *minify.M {
	m := minify.New()
	m.AddFunc("text/css", css.Minify)
	m.AddFunc("text/javascript", js.Minify)
	return m
})

func small(name string) File { return Small(name, read(name)) }

// Small is a script or a style sheet of a name, without what is for those who read it here.
func Small(name string, source []byte) File {
	kind := mime.TypeByExtension(path.Ext(name))
	media, _, _ := strings.Cut(kind, ";")
	body, err := minifier().Bytes(media, source)
	if err != nil {
		panic(err) // a test would have met it
	}
	return File{kind, body}
}
