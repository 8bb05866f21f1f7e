package demo

import (
	"bytes"
	"context"
	"encoding/base64"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"net"
	"net/http"
	"time"

	"nod/shared/face/localapi/portraits"
)

// ServePhotos serves the two portraits as the photos that a learning platform
// holds, until ctx ends, and returns where. If the port is taken it uses another.
func ServePhotos(ctx context.Context, addr string) (string, error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		if listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			return "", err
		}
	}
	mux := http.NewServeMux()
	for name, photo := range map[string][]byte{"collins.png": portraits.Collins, "hopper.jpg": portraits.Hopper} {
		mux.HandleFunc("GET /"+name, func(w http.ResponseWriter, r *http.Request) {
			http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(photo))
		})
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = server.Serve(listener) }() // ends with ctx
	context.AfterFunc(ctx, func() { _ = server.Close() })
	return "http://" + listener.Addr().String(), nil
}

// The pictures that people hold up to the camera, as base64 of a JPEG.

// sameAgain is the person of the portrait in another light, from another angle.
func sameAgain(photo []byte) (string, error) {
	m, err := png.Decode(bytes.NewReader(photo))
	if err != nil {
		return "", err
	}
	return encoded(portraits.Brightened(portraits.Turned(m, 8), 0.7))
}

// landscape is a picture without a face: sky above a field.
func landscape() (string, error) {
	m := image.NewRGBA(image.Rect(0, 0, 480, 640))
	for y := range 640 {
		for x := range 480 {
			c := color.RGBA{uint8(110 + y/5), uint8(160 + y/8), 235, 255}
			if y > 380+x/12 {
				c = color.RGBA{uint8(60 + (x*7+y*13)%40), uint8(120 + (x*11+y*5)%50), 50, 255}
			}
			m.SetRGBA(x, y, c)
		}
	}
	return encoded(m)
}

func encoded(m image.Image) (string, error) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 85}); err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(b.Bytes()), nil
}
