package residue

import (
	"context"
	"errors"
	"io"
	"maps"
	"net"
	"os"

	"nod/shared/boot"
	"nod/shared/config"
	"nod/shared/runtime/serve"
	"nod/shared/store/migrate"
)

// nod is the rest of Nod, served in this process for the time of a search: it opens the
// sessions and takes the consents that the function under test then finds.
type nod struct {
	base  string
	close func() error
}

// environment is the configuration of both, this process and the function; of the
// caller's nothing goes into it.
func environment(o Options, faceAPI, certificate string) map[string]string {
	all := map[string]string{
		"NOD_DB": o.DB, "NOD_PUBLIC_URL": "https://nod.example.com", "NOD_FACE_TIMEOUT": "2s",
		"NOD_FACE_RATE":     "10000", // after a busy face API nobody waits for longer than their image is in hand
		"NOD_FACE_ENDPOINT": faceAPI, "NOD_FACE_SECRET_ID": "AKIDresidue", "NOD_FACE_SECRET_KEY": "residue",
		"NOD_FACEID_RULE": "residue",
		"SSL_CERT_FILE":   certificate, // which proves the face API's name
	}
	maps.Copy(all, o.Keys)
	return all
}

func serveNod(ctx context.Context, environment map[string]string) (*nod, error) {
	for name, value := range environment {
		os.Setenv(name, value)
	}
	parts := []boot.Part{boot.Face, boot.Signing, boot.Operator}
	c, err := config.Load(boot.Needs(parts...)...)
	if err != nil {
		return nil, err
	}
	n, err := boot.New(c, io.Discard, parts...)
	if err != nil {
		return nil, err
	}
	if _, err := migrate.Up(ctx, n.Store); err != nil {
		return nil, errors.Join(err, n.Store.Close())
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(err, n.Store.Close())
	}
	ctx, stop := context.WithCancel(ctx)
	served := make(chan error, 1)
	go func() { served <- n.Serve(ctx, n.All(), serve.Options{Listener: listener}) }()
	return &nod{
		base:  "http://" + listener.Addr().String(),
		close: func() error { stop(); return errors.Join(<-served, n.Store.Close()) },
	}, nil
}
