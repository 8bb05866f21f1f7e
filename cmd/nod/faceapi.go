package main

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/pem"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/smx509"

	"nod/shared/face/envelope"
	"nod/shared/face/localapi"
	"nod/shared/vault"
)

// localRule is the RuleId of the embedded face API's one page.
const localRule = "local"

// startFaceAPI serves the embedded face API on a free loopback port, with credentials and
// keys of this run, and points the configuration at it. Names and ID numbers reach it
// encrypted, as they would the vendor.
func (l *local) startFaceAPI() error {
	id, key := "local-"+vault.NewSecret(), vault.NewSecret()
	private, err := sm2.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	public, err := smx509.MarshalPKIXPublicKey(&private.PublicKey)
	if err != nil {
		return err
	}
	api, err := localapi.New(localapi.Options{SecretID: id, SecretKey: key, RuleID: localRule, SM2: private})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: api, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second}
	go func() { _ = server.Serve(listener) }() // ends with Close
	l.close = append(l.close, func() { _ = server.Close() })
	l.FaceAPI = "http://" + listener.Addr().String()
	for name, value := range map[string]string{
		"NOD_FACE_ENDPOINT": l.FaceAPI, "NOD_FACE_SECRET_ID": id, "NOD_FACE_SECRET_KEY": key,
		"NOD_FACEID_ENDPOINT": l.FaceAPI, "NOD_FACEID_RULE": localRule, "NOD_FACEID_ENCRYPTION": envelope.SM4GCM,
		"NOD_FACEID_PUBLIC_KEY": base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})),
	} {
		os.Setenv(name, value)
	}
	return nil
}
