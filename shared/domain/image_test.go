package domain_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	_ "image/gif" // some other package may link it; Inspect does not take it all the same
	"image/jpeg"
	"image/png"
	"runtime"
	"slices"
	"strings"
	"testing"

	"nod/shared/domain"
)

func aJPEG(w, h int) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, w, h)), nil); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func aPNG(w, h int) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewPaletted(image.Rect(0, 0, w, h), color.Palette{color.White, color.Black})); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// withSize rewrites a PNG's header to other dimensions.
func withSize(b []byte, w, h uint32) []byte {
	b = slices.Clone(b)
	binary.BigEndian.PutUint32(b[16:], w)
	binary.BigEndian.PutUint32(b[20:], h)
	binary.BigEndian.PutUint32(b[29:], crc32.ChecksumIEEE(b[12:29]))
	return b
}

// grown is a JPEG of exactly n bytes: some cameras write more before the end mark.
func grown(n int) []byte {
	b := aJPEG(100, 100)
	end := b[len(b)-2:]
	return slices.Concat(b[:len(b)-2], make([]byte, n-len(b)), end)
}

// ahead puts bytes in front of a JPEG's first segment.
func ahead(b []byte, more string) []byte { return slices.Concat(b[:2], []byte(more), b[2:]) }

func inspected(text []byte) error {
	return domain.NewCapture(text, domain.FromStream).Inspect()
}

func encoded(b []byte) []byte { return []byte(base64.StdEncoding.EncodeToString(b)) }

func TestInspectTakesWhatTheVendorTakes(t *testing.T) {
	for name, b := range map[string][]byte{
		"a JPEG": aJPEG(960, 720), "a PNG": aPNG(960, 720),
		"the smallest JPEG": aJPEG(64, 64), "the smallest PNG": aPNG(64, 64),
		"the widest JPEG": aJPEG(4000, 64), "the tallest JPEG": aJPEG(64, 4000),
		"the widest PNG": aPNG(2000, 64), "the tallest PNG": aPNG(64, 2000),
		"exactly 3 MB":                  grown(3 << 20),
		"a JPEG with bytes after it":    append(aJPEG(100, 100), make([]byte, 1000)...),
		"a JPEG of every length modulo": append(aJPEG(100, 100), 0),
		"a JPEG with a film behind it":  append(aJPEG(100, 100), make([]byte, 1<<20)...),
		"a JPEG with a long head":       ahead(aJPEG(100, 100), strings.Repeat("\xFF\xE1\xFF\xFF"+strings.Repeat("\xFF\xC0\x00\x11", 1<<14)[:0xFFFD], 8)),
		"a JPEG with a preview in it":   ahead(aJPEG(100, 100), "\xFF\xE1\x00\x20"+string(aJPEG(10, 10)[:30])),
		"a JPEG with filling":           ahead(aJPEG(100, 100), strings.Repeat("\xFF", 100)),
		"a JPEG with rubbish":           ahead(aJPEG(100, 100), "rubbish\xFF\x00\xFF\xD3"),
		"a progressive JPEG":            bytes.Replace(aJPEG(100, 100), []byte{0xFF, 0xC0}, []byte{0xFF, 0xC2}, 1),
		"two bytes after it":            append(aJPEG(100, 100), 0, 0),
	} {
		text := encoded(b)
		before := bytes.Clone(text)
		if err := inspected(text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if !bytes.Equal(text, before) {
			t.Errorf("%s: Inspect changed it", name)
		}
	}
}

func TestInspectRefusesWhatCannotBeSent(t *testing.T) {
	good := string(encoded(aJPEG(100, 100)))
	for name, c := range map[string]struct {
		text string
		want domain.Reason
	}{
		"nothing":                     {"", domain.ImageMissing},
		"a bad character":             {strings.Replace(good, "A", "!", 1), domain.ImageNotBase64},
		"a character beyond ASCII":    {"é" + good[2:], domain.ImageNotBase64},
		"a zero byte":                 {"\x00" + good[1:], domain.ImageNotBase64},
		"the URL-safe alphabet":       {strings.NewReplacer("/", "_", "+", "-").Replace(good), domain.ImageNotBase64},
		"line ends":                   {good[:76] + "\r\n" + good[76:], domain.ImageNotBase64},
		"four line ends":              {good[:76] + "\n\n\n\n" + good[76:], domain.ImageNotBase64},
		"a space":                     {" " + good[1:], domain.ImageNotBase64},
		"a data URL":                  {"data:image/jpeg;base64," + good, domain.ImageNotBase64},
		"no padding":                  {strings.TrimRight(string(encoded(append(aJPEG(100, 100), make([]byte, (3-len(aJPEG(100, 100))%3)%3+1)...))), "="), domain.ImageNotBase64},
		"too much padding":            {good[:len(good)-4] + "A===", domain.ImageNotBase64},
		"nothing but padding":         {"====", domain.ImageNotBase64},
		"padding in the middle":       {good[:40] + "==" + good[42:], domain.ImageNotBase64},
		"one character":               {"A", domain.ImageNotBase64},
		"an escaped slash":            {strings.Replace(good, "/", `\/`, 1) + "AAA", domain.ImageNotBase64},
		"text":                        {string(encoded([]byte(strings.Repeat("hello ", 100)))), domain.ImageUnreadable},
		"a page":                      {string(encoded([]byte("<!doctype html><img src=x>"))), domain.ImageUnreadable},
		"zeros":                       {string(encoded(make([]byte, 1000))), domain.ImageUnreadable},
		"a GIF":                       {"R0lGODlhZABkAIAAAP///wAAACwAAAAAZABkAAACAkQBADs=", domain.ImageUnreadable},
		"a lossless JPEG":             {string(encoded(bytes.Replace(aJPEG(100, 100), []byte{0xFF, 0xC0}, []byte{0xFF, 0xC3}, 1))), domain.ImageUnreadable},
		"a JPEG without a frame":      {string(encoded(append([]byte("\xFF\xD8\xFF\xDA"), make([]byte, 1000)...))), domain.ImageUnreadable},
		"a JPEG that never begins":    {string(encoded(append([]byte("\xFF\xD8\xFF"), bytes.Repeat([]byte{0xFF}, 3<<20-3)...))), domain.ImageUnreadable},
		"a PNG without its head":      {string(encoded(bytes.Replace(aPNG(100, 100), []byte("IHDR"), []byte("tEXt"), 1))), domain.ImageUnreadable},
		"a BMP":                       {string(encoded(append([]byte("BM"), make([]byte, 2000)...))), domain.ImageUnreadable},
		"a PDF":                       {string(encoded([]byte("%PDF-1.7 and so on, for quite some bytes"))), domain.ImageUnreadable},
		"a byte over 3 MB":            {string(encoded(grown(3<<20 + 1))), domain.ImageTooLarge},
		"much over 3 MB and no image": {strings.Repeat("AAAA", 2<<20), domain.ImageTooLarge},
		"a JPEG too wide":             {string(encoded(aJPEG(4001, 64))), domain.ImageDimensions},
		"a JPEG too tall":             {string(encoded(aJPEG(64, 4001))), domain.ImageDimensions},
		"a JPEG too low":              {string(encoded(aJPEG(100, 63))), domain.ImageDimensions},
		"a JPEG too narrow":           {string(encoded(aJPEG(63, 100))), domain.ImageDimensions},
		"a PNG too wide":              {string(encoded(aPNG(2001, 64))), domain.ImageDimensions},
		"a PNG too tall":              {string(encoded(aPNG(64, 2001))), domain.ImageDimensions},
		"a PNG too small":             {string(encoded(aPNG(63, 63))), domain.ImageDimensions},
		"a PNG that says it is huge":  {string(encoded(withSize(aPNG(64, 64), 100_000, 100_000))), domain.ImageDimensions},
	} {
		if got := reason(t, inspected([]byte(c.text))); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestAnImageCutOffAnywhereIsTruncated(t *testing.T) {
	for name, b := range map[string][]byte{"JPEG": aJPEG(200, 200), "PNG": aPNG(200, 200), "large JPEG": grown(20_000)} {
		first := map[string]int{"JPEG": 3, "PNG": 8, "large JPEG": 3}[name] // less is no signature
		step := max(1, len(b)/700)
		for n := first; n < len(b); n += step {
			if got := reason(t, inspected(encoded(b[:n]))); got != domain.ImageTruncated {
				t.Fatalf("%s cut to %d of %d: %s", name, n, len(b), got)
			}
		}
		if got := reason(t, inspected(encoded(b[:len(b)-1]))); got != domain.ImageTruncated {
			t.Errorf("%s without its last byte: %s", name, got)
		}
	}
}

// A PNG of few bytes that stands for megabytes, or says it does, costs nothing to
// look at.
func TestADecompressionBombCostsNothing(t *testing.T) {
	var b bytes.Buffer
	e := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := e.Encode(&b, image.NewGray(image.Rect(0, 0, 2000, 2000))); err != nil {
		t.Fatal(err)
	}
	for name, bomb := range map[string][]byte{
		"within the bounds": b.Bytes(), "far beyond them": withSize(b.Bytes(), 60_000, 60_000),
	} {
		text := encoded(bomb)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := inspected(text)
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
			t.Errorf("%s: %d bytes allocated for %d", name, used, len(bomb))
		}
		if (err == nil) != (name == "within the bounds") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzInspect(f *testing.F) {
	for _, b := range [][]byte{aJPEG(64, 64), aPNG(64, 64), aJPEG(64, 64)[:200], aPNG(64, 64)[:40], withSize(aPNG(64, 64), 1<<31, 1), {}, []byte("text")} {
		f.Add(encoded(b))
		f.Add(b)
	}
	known := []domain.Reason{
		domain.ImageMissing, domain.ImageNotBase64, domain.ImageUnreadable, domain.ImageTruncated, domain.ImageTooLarge, domain.ImageDimensions,
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		before := bytes.Clone(text)
		err := inspected(text)
		var r *domain.Refusal
		if err != nil && (!errors.As(err, &r) || !slices.Contains(known, r.Reason)) {
			t.Errorf("%v", err)
		}
		if !bytes.Equal(text, before) {
			t.Error("the text was changed")
		}
		raw, wrong := base64.StdEncoding.DecodeString(string(text))
		if err == nil && (wrong != nil || len(raw) > domain.MaxImageBytes) {
			t.Errorf("%v, %d bytes", wrong, len(raw))
		}
		size, format, wrong := image.DecodeConfig(bytes.NewReader(raw))
		if wrong != nil || format == "gif" {
			return
		}
		sound := max(size.Width, size.Height) <= domain.MaxPNGSide && min(size.Width, size.Height) >= domain.MinSide
		if err == nil && !sound && format == "png" || errors.Is(err, domain.Refuse(domain.ImageDimensions)) && sound {
			t.Errorf("%s of %d x %d: %v", format, size.Width, size.Height, err)
		}
		if errors.Is(err, domain.Refuse(domain.ImageUnreadable)) {
			t.Errorf("%s of %d x %d: others can read it", format, size.Width, size.Height)
		}
	})
}
