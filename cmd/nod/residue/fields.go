package residue

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/smx509"

	"nod/shared/face/envelope"
)

// fieldEncryption is the environment that each process gets one of: names and numbers go
// to the vendor as they are, or encrypted by either of its algorithms.
func fieldEncryption() (settings []map[string]string, o envelope.Opener, err error) {
	var err1, err2, err3 error
	o.RSA, err1 = rsa.GenerateKey(rand.Reader, 2048)
	o.SM2, err2 = sm2.GenerateKey(rand.Reader)
	if err := errors.Join(err1, err2); err != nil {
		return nil, o, err
	}
	der, err3 := smx509.MarshalPKIXPublicKey(&o.SM2.PublicKey)
	if err3 != nil {
		return nil, o, err3
	}
	return []map[string]string{
		{},
		configured(envelope.AES256CBC, "RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&o.RSA.PublicKey)),
		configured(envelope.SM4GCM, "PUBLIC KEY", der),
	}, o, nil
}

func configured(algorithm, kind string, der []byte) map[string]string {
	return map[string]string{
		"NOD_FACEID_ENCRYPTION": algorithm,
		"NOD_FACEID_PUBLIC_KEY": base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})),
	}
}
