package api

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
)

func b64(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

func raw(text string) []byte {
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return b
}

func pngOf(width, height int) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// bomb is a PNG of a few kilobytes that stands for as many pixels as it claims.
func bomb(width, height uint32) []byte {
	chunk := func(kind string, data []byte) []byte {
		c := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
		body := append([]byte(kind), data...)
		return binary.BigEndian.AppendUint32(append(c, body...), crc32.ChecksumIEEE(body))
	}
	head := binary.BigEndian.AppendUint32(nil, width)
	head = append(binary.BigEndian.AppendUint32(head, height), 8, 0, 0, 0, 0)
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	for range 4 << 10 {
		_, _ = z.Write(make([]byte, 1<<10)) // into memory: it cannot fail
	}
	_ = z.Close()
	return bytes.Join([][]byte{[]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", head), chunk("IDAT", packed.Bytes()), chunk("IEND", nil)}, nil)
}

// claiming is a small JPEG whose head claims other dimensions.
func claiming(width, height uint16) string {
	b := raw(smallPicture())
	frame := bytes.Index(b, []byte{0xFF, 0xC0})
	binary.BigEndian.PutUint16(b[frame+5:], height)
	binary.BigEndian.PutUint16(b[frame+7:], width)
	return b64(b)
}

// TestImagesThatGoNowhere: each is found out before anything is reserved or sent.
func TestImagesThatGoNowhere(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p := h.agreed()
	small := smallPicture()
	var g bytes.Buffer
	if err := gif.Encode(&g, image.NewGray(image.Rect(0, 0, 80, 80)), nil); err != nil {
		t.Fatal(err)
	}
	before := h.visitor()
	for name, tt := range map[string]struct {
		image  any
		status int
		slug   string
	}{
		"none":                            {nil, 422, "image-missing"},
		"an empty one":                    {"", 422, "image-missing"},
		"words":                           {b64([]byte("this is not a picture, whatever it says")), 422, "image-unreadable"},
		"a GIF":                           {b64(g.Bytes()), 422, "image-unreadable"},
		"a PDF":                           {b64([]byte("%PDF-1.7\n1 0 obj\n<<>>\nendobj\n")), 422, "image-unreadable"},
		"an SVG":                          {b64([]byte(`<svg xmlns="http://www.w3.org/2000/svg" width="80" height="80"/>`)), 422, "image-unreadable"},
		"zeros":                           {b64(make([]byte, 3000)), 422, "image-unreadable"},
		"half a JPEG":                     {b64(raw(small)[:len(raw(small))/2]), 422, "image-truncated"},
		"a JPEG's first bytes":            {b64(raw(small)[:12]), 422, "image-truncated"},
		"a JPEG without its end":          {b64(raw(small)[:len(raw(small))-2]), 422, "image-truncated"},
		"half a PNG":                      {b64(pngOf(80, 80)[:60]), 422, "image-truncated"},
		"a PNG's first bytes":             {b64(pngOf(80, 80)[:20]), 422, "image-truncated"},
		"over 3 MB":                       {b64(append(raw(small), make([]byte, 3<<20)...)), 413, "image-too-large"},
		"over 3 MB and no picture":        {strings.Repeat("QUJD", 5<<20/4), 413, "image-too-large"},
		"a JPEG over 4000 pixels":         {jpegOf(4001, 64), 422, "image-dimensions"},
		"a JPEG that claims 65000":        {claiming(65000, 65000), 422, "image-dimensions"},
		"a PNG over 2000 pixels":          {b64(pngOf(64, 2001)), 422, "image-dimensions"},
		"a JPEG too small":                {jpegOf(63, 200), 422, "image-dimensions"},
		"a bomb of 3.6 billion pixels":    {b64(bomb(60_000, 60_000)), 422, "image-dimensions"},
		"a bomb beyond all numbers":       {b64(bomb(1<<31-1, 1<<31-1)), 422, "image-unreadable or so"},
		"URL-safe base64":                 {strings.NewReplacer("+", "-", "/", "_").Replace(small), 422, "image-not-base64"},
		"base64 without padding":          {strings.TrimRight(b64(append(raw(small), 0)), "="), 422, "image-not-base64"},
		"base64 with a line end":          {small[:76] + "\n" + small[76:], 422, "image-not-base64"},
		"base64 with a space":             {small[:80] + " " + small[81:], 422, "image-not-base64"},
		"base64 with a sign in the midst": {small[:80] + "=" + small[81:], 422, "image-not-base64"},
		"three signs at the end":          {small[:len(small)-3] + "===", 422, "image-not-base64"},
		"a data URL":                      {"data:image/jpeg;base64," + small, 422, "image-not-base64"},
		"hex":                             {"ffd8ffe000104a464946xyz!", 422, "image-not-base64"},
		"a letter":                        {"A", 422, "image-not-base64"},
	} {
		t.Run(name, func(t *testing.T) {
			body := picture("a1")
			if body["image"] = tt.image; tt.image == nil {
				delete(body, "image")
			}
			send := func(p *person) reply { return p.do(t, "POST", "/v1/verify", p.token, body, bad) }
			h.writesNothing(func() {
				if tt.slug == "image-unreadable or so" {
					if r := send(p); r.status != 422 {
						t.Errorf("%d %s", r.status, r.body)
					}
					return
				}
				send(p).notCounted(tt.status, tt.slug)
				// Nobody learns about an image what they may not have checked.
				send(before).notCounted(409, "consent-required")
			})
		})
	}
	p.asked(0)
	p.left(3, 10)
	p.verify("a1").verdict("pass") // the attempt's id was not used up either
}

// TestImagesThatGo are at the edge of what is taken.
func TestImagesThatGo(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	small := smallPicture()
	exactly := raw(small)
	exactly = append(exactly[:2:2], append(comment(3<<20-len(exactly)), exactly[2:]...)...)
	for name, text := range map[string]string{
		"a JPEG of 4000 pixels":     jpegOf(4000, 64),
		"a PNG of 2000 pixels":      b64(pngOf(2000, 64)),
		"64 pixels square":          jpegOf(64, 64),
		"a progressive JPEG":        b64(progressive()),
		"bytes behind the end":      b64(append(raw(small), "SAMSUNG appends this"...)),
		"exactly 3 MB":              b64(exactly),
		"a bomb within 2000 pixels": b64(bomb(2000, 2000)), // nothing here decompresses it
	} {
		t.Run(name, func(t *testing.T) {
			p := h.agreed()
			body := picture("a1")
			body["image"] = text
			p.do(t, "POST", "/v1/verify", p.token, body).verdict("pass")
			if p.vendor.last(p.photo).ImageA != text {
				t.Error("the face API got another image")
			}
		})
	}
}

// comment is filling for a JPEG: segments that decoders skip.
func comment(size int) (b []byte) {
	for size > 0 {
		n := min(size, 65_537)
		if rest := size - n; rest > 0 && rest < 4 {
			n -= 4
		}
		b = append(b, 0xFF, 0xFE)
		b = binary.BigEndian.AppendUint16(b, uint16(n-2))
		b = append(b, make([]byte, n-4)...)
		size -= n
	}
	return b
}

// progressive marks a JPEG's frame as progressive: only the head is read here.
func progressive() []byte {
	b := raw(smallPicture())
	if _, err := jpeg.DecodeConfig(bytes.NewReader(b)); err != nil {
		panic(err)
	}
	b[bytes.Index(b, []byte{0xFF, 0xC0})+1] = 0xC2
	return b
}

// How the JSON around an image is written does not matter.
func TestHowAnImageMayBeWritten(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	small := smallPicture()
	if !strings.Contains(small, "/") {
		t.Fatal("this picture has nothing to escape")
	}
	for name, body := range map[string]string{
		"slashes escaped, as PHP does": `{"attempt_id":"a1","image":"` + strings.ReplaceAll(small, "/", `\/`) + `"}`,
		"the image first":              `{"image":"` + small + `","capture":"stream","attempt_id":"a1"}`,
		"with spaces and lines":        "\r\n{ \"attempt_id\" : \"a1\" ,\n\t\"image\" \t:\n \"" + small + "\" }\n",
		"an odd name before it":        `{"attempt_id":"a1","\u0063apture":"stream","image":"` + small + `"}`,
		"its own name escaped":         `{"attempt_id":"a1","\u0069mage":"` + small + `"}`,
		"a letter of it escaped":       fmt.Sprintf(`{"attempt_id":"a1","image":"\u%04x%s"}`, small[0], small[1:]),
	} {
		t.Run(name, func(t *testing.T) {
			p := h.agreed()
			p.do(t, "POST", "/v1/verify", p.token, body).verdict("pass")
			if p.vendor.last(p.photo).ImageA != small {
				t.Error("the face API got another image")
			}
		})
	}
	for name, tt := range map[string]struct {
		body   string
		status int
		slug   string
	}{
		"no image, with escapes": {`{"attempt_id":"a1","image":"\u0041` + small[1:] + `"}`, 422, "image-unreadable"},
		"twice":                  {`{"attempt_id":"a1","image":"` + small + `","image":"` + small + `"}`, 422, "invalid-value"},
		"with a capital":         {`{"attempt_id":"a1","Image":"` + small + `"}`, 422, "unknown-field"},
		"no text":                {`{"attempt_id":"a1","image":1}`, 422, "wrong-type"},
		"a list":                 {`{"attempt_id":"a1","image":["` + small + `"]}`, 422, "wrong-type"},
		"null":                   {`{"attempt_id":"a1","image":null}`, 422, "image-missing"},
		"inside something else":  {`{"attempt_id":"a1","data":{"image":"` + small + `"}}`, 422, "unknown-field"},
		"cut off":                {`{"attempt_id":"a1","image":"` + small, 400, "malformed-json"},
		"in the attempt's id":    {`{"attempt_id":"image","x":"` + small + `"}`, 422, "unknown-field"},
		"the whole body":         {`"` + small + `"`, 422, "wrong-type"},
		"bytes":                  {string(raw(small)), 400, "not-utf8"},
	} {
		t.Run(name, func(t *testing.T) {
			p := h.agreed()
			h.writesNothing(func() { p.do(t, "POST", "/v1/verify", p.token, tt.body, bad).refused(tt.status, tt.slug) })
			p.asked(0)
		})
	}
}

// A stranger cannot fill the memory: what is large is not read for nobody.
func TestALargeBodyIsReadOnlyForSomebodyWhoIsKnown(t *testing.T) {
	t.Parallel()
	p := newWorld(t, setup{}).house(t).agreed()
	end := p.token[len(p.token)-1]
	forged := p.token[:len(p.token)-1] + string(map[bool]rune{true: 'b', false: 'a'}[end == 'a'])
	for name, length := range map[string]int64{"a large body": 6 << 20, "a body of unknown length": -1} {
		for _, bearer := range []string{"", "x", forged} {
			body := &unread{}
			r := httptest.NewRequestWithContext(t.Context(), "POST", "/v1/verify", body)
			r.ContentLength = length
			r.Header.Set("Authorization", "Bearer "+bearer)
			w := httptest.NewRecorder()
			p.nod.All().ServeHTTP(w, r)
			if w.Code != 401 || body.times > 0 {
				t.Errorf("%s, with %q: %d, and it was read %d times", name, bearer, w.Code, body.times)
			}
		}
	}
	p.verify("a1").verdict("pass")
}

// unread counts how often somebody reads it.
type unread struct{ times int }

func (u *unread) Read([]byte) (int, error) { u.times++; return 0, io.EOF }
