package localapi

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/gif"
	"image/jpeg"
	"testing"

	"golang.org/x/image/bmp"

	"nod/shared/face/localapi/engine"
)

func jpegOf(m image.Image) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func bmpOf(m image.Image) []byte {
	var b bytes.Buffer
	if err := bmp.Encode(&b, m); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func gifOf(m image.Image) []byte {
	var b bytes.Buffer
	if err := gif.Encode(&b, m, nil); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// pngClaiming is a PNG that ends after claiming a size.
func pngClaiming(w, h uint32) []byte {
	chunk := []byte("IHDR")
	chunk = binary.BigEndian.AppendUint32(chunk, w)
	chunk = binary.BigEndian.AppendUint32(chunk, h)
	chunk = append(chunk, 8, 2, 0, 0, 0)
	png := append([]byte("\x89PNG\r\n\x1A\n"), 0, 0, 0, 13)
	png = append(png, chunk...)
	return binary.BigEndian.AppendUint32(png, crc32.ChecksumIEEE(chunk))
}

// jpegClaiming is a small JPEG whose head claims another size.
func jpegClaiming(w, h uint16) []byte {
	data := jpegOf(image.NewGray(image.Rect(0, 0, 64, 64)))
	at := bytes.Index(data, []byte{0xFF, 0xC0}) + 5
	binary.BigEndian.PutUint16(data[at:], h)
	binary.BigEndian.PutUint16(data[at+2:], w)
	return data
}

func TestPicturesAreJudgedByTheirHeadBeforeTheyAreDecoded(t *testing.T) {
	grey := image.NewGray(image.Rect(0, 0, 64, 80))
	for _, c := range []struct {
		name string
		data []byte
		want error
	}{
		{"PNG", pngOf(grey), nil},
		{"JPEG", jpegOf(grey), nil},
		{"BMP", bmpOf(grey), nil},
		{"GIF", gifOf(grey), errDecode},
		{"text", []byte("BM is how a bitmap begins"), errDecode},
		{"PNG cut off", pngOf(grey)[:60], errDecode},
		{"JPEG cut off", jpegOf(grey)[:200], errDecode},
		{"PNG bomb", pngClaiming(60000, 60000), errTooManyPixels},
		{"PNG of 2001", pngClaiming(64, 2001), errTooManyPixels},
		{"PNG of 2000, nothing behind", pngClaiming(64, 2000), errDecode},
		{"JPEG of 4001", jpegClaiming(4001, 64), errTooManyPixels},
		{"JPEG of 2001", jpegOf(image.NewGray(image.Rect(0, 0, 64, 2001))), nil},
		{"BMP of 2001", bmpOf(image.NewGray(image.Rect(0, 0, 64, 2001))), errTooManyPixels},
		{"63 pixels", pngOf(image.NewGray(image.Rect(0, 0, 63, 80))), errTooFewPixels},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := openPicture(t.Context(), c.data)
			if !errors.Is(err, c.want) || (err == nil) != (p != nil) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestDecodingStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := openPicture(ctx, blank(64, 64)); !errors.Is(err, errTimeout) {
		t.Errorf("got %v", err)
	}
}

// withOrientation puts an Exif note behind the start of a JPEG.
func withOrientation(data []byte, order binary.ByteOrder, o uint16) []byte {
	tiff := []byte("II*\x00")
	if order == binary.BigEndian {
		tiff = []byte("MM\x00*")
	}
	put16 := func(values ...uint16) {
		for _, v := range values {
			tiff = append(tiff, 0, 0)
			order.PutUint16(tiff[len(tiff)-2:], v)
		}
	}
	put32 := func(v uint32) {
		tiff = append(tiff, 0, 0, 0, 0)
		order.PutUint32(tiff[len(tiff)-4:], v)
	}
	put32(8)         // the directory's place
	put16(2)         // its entries
	put16(0x0110, 2) // a camera's name
	put32(1)
	put32(0x41)
	put16(tagOrientation, 3)
	put32(1)
	put16(o, 0)
	segment := append([]byte(exifHead), tiff...)
	out := append([]byte{0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 'J', 'F', 0xFF, markerApp1}, 0, 0)
	binary.BigEndian.PutUint16(out[len(out)-2:], uint16(len(segment)+2))
	return append(append(out, segment...), data[2:]...)
}

func TestPhonesNoteOfHowTheyWereHeldIsHeeded(t *testing.T) {
	plain := jpegOf(image.NewGray(image.Rect(0, 0, 64, 80)))
	for o := range uint16(10) {
		for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
			data := withOrientation(plain, order, o)
			want := engine.Orientation(o)
			if o < 1 || o > 8 {
				want = engine.AsItIs
			}
			if got := orientation(data); got != want {
				t.Errorf("%v %d: %d", order, o, got)
			}
			p, err := openPicture(t.Context(), data)
			if err != nil || (want >= 5) != (p.Width() == 80) {
				t.Errorf("%v %d: %v, %d wide", order, o, err, p.Width())
			}
		}
	}
	if got := orientation(plain); got != engine.AsItIs {
		t.Errorf("without a note: %d", got)
	}
}

func FuzzOrientationIsAlwaysOneOfEight(f *testing.F) {
	plain := jpegOf(image.NewGray(image.Rect(0, 0, 8, 8)))
	f.Add(withOrientation(plain, binary.LittleEndian, 6))
	f.Add(withOrientation(plain, binary.BigEndian, 3)[:40])
	f.Add([]byte("\xFF\xD8\xFF\xE1\x00\x10Exif\x00\x00II*\x00\xFF\xFF\xFF\xFF"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if o := orientation(data); o < 1 || o > 8 {
			t.Errorf("orientation %d", o)
		}
	})
}

// Whatever is sent in a picture's place, it is a picture within the vendor's bounds, or one
// of the vendor's words for what is wrong.
func FuzzPicture(f *testing.F) {
	small := image.NewGray(image.Rect(0, 0, 64, 64))
	f.Add(jpegOf(small))
	f.Add(bmpOf(small))
	f.Add(gifOf(small))
	f.Add([]byte("\x89PNG\r\n\x1A\n\x00\x00\x00\rIHDR\x7f\xff\xff\xff\x7f\xff\xff\xff"))
	f.Add([]byte("BM\x00\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00\x00\x00\xff\xff\xff\x7f\x00\x00\x00\x80"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := openPicture(t.Context(), data)
		if err != nil {
			if _, known := errors.AsType[*apiError](err); !known {
				t.Fatal(err)
			}
			return
		}
		p.Wipe()
	})
}
