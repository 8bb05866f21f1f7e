package localapi

import (
	"bytes"
	"context"
	"image"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/bmp"

	"nod/shared/face/localapi/engine"
)

// The vendor's limits of a picture's sides.
const (
	maxSideJPEG = 4000
	maxSide     = 2000
	minSide     = 64
)

// format is a kind of image that the vendor takes. Decoders are chosen here and not by
// the image package, in which any other package may have registered more.
type format struct {
	start   string
	maxSide int
	config  func(io.Reader) (image.Config, error)
	decode  func(io.Reader) (image.Image, error)
}

var formats = []format{
	{"\xFF\xD8\xFF", maxSideJPEG, jpeg.DecodeConfig, jpeg.Decode},
	{"\x89PNG\r\n\x1A\n", maxSide, png.DecodeConfig, png.Decode},
	{"BM", maxSide, bmp.DecodeConfig, bmp.Decode},
}

// openPicture decodes an image and lays it upright; the caller wipes the Picture. The
// size is read from the image's head first, so that a few bytes cannot claim gigabytes.
func openPicture(ctx context.Context, data []byte) (*engine.Picture, error) {
	f, ok := formatOf(data)
	if !ok {
		return nil, errDecode
	}
	head, err := f.config(bytes.NewReader(data))
	if err != nil {
		return nil, errDecode
	}
	if max(head.Width, head.Height) > f.maxSide {
		return nil, errTooManyPixels
	}
	if min(head.Width, head.Height) < minSide {
		return nil, errTooFewPixels
	}
	img, err := f.decode(&cancellable{ctx, bytes.NewReader(data)})
	if ctx.Err() != nil {
		return nil, errTimeout
	}
	if err != nil {
		return nil, errDecode
	}
	defer wipe(img)
	p := engine.NewPicture(img)
	if o := orientation(data); o != engine.AsItIs {
		defer p.Wipe()
		return p.Oriented(o), nil
	}
	return p, nil
}

func formatOf(data []byte) (format, bool) {
	for _, f := range formats {
		if bytes.HasPrefix(data, []byte(f.start)) {
			return f, true
		}
	}
	return format{}, false
}

// cancellable fails once its context is over: a JPEG in thousands of passes would keep
// the decoder busy for minutes.
type cancellable struct {
	ctx context.Context
	io.Reader
}

func (c *cancellable) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.Reader.Read(p)
}

// wipe overwrites the pixels of an image as the three decoders make them.
func wipe(img image.Image) {
	switch m := img.(type) {
	case *image.YCbCr:
		clear(m.Y)
		clear(m.Cb)
		clear(m.Cr)
	case *image.CMYK:
		clear(m.Pix)
	case *image.Gray:
		clear(m.Pix)
	case *image.Gray16:
		clear(m.Pix)
	case *image.Paletted:
		clear(m.Pix)
	case *image.RGBA:
		clear(m.Pix)
	case *image.RGBA64:
		clear(m.Pix)
	case *image.NRGBA:
		clear(m.Pix)
	case *image.NRGBA64:
		clear(m.Pix)
	}
}
