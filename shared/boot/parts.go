package boot

import (
	"fmt"
	"time"

	"nod/shared/assertion"
	"nod/shared/config"
	"nod/shared/face"
	"nod/shared/face/scripted"
	"nod/shared/face/tencent"
	"nod/shared/promise"
)

// Part is something that a function may need: what it asks of the configuration, and how it
// is wired. Each is a value of its own and not a case of a switch, so that a function is
// linked with the parts that it names and starts none of what the others bring along.
type Part struct {
	needs config.Part
	wire  func(*Nod) error
}

// NewPart makes a part; those that keep something outside of the database are in package
// outside.
func NewPart(needs config.Part, wire func(*Nod) error) Part { return Part{needs, wire} }

// The parts that every function could have.
var (
	Operator  = Part{config.Operator, wireOperator}
	Signing   = Part{config.Signing, wireSigning}
	Promising = Part{config.Promising, wirePromising}
	Face      = Part{config.Face, wireFace}
)

// Needs is what parts ask of the configuration.
func Needs(parts ...Part) (needs []config.Part) {
	for _, p := range parts {
		needs = append(needs, p.needs)
	}
	return needs
}

func wireOperator(n *Nod) error {
	n.API.Auth.FirstOperator = string(n.Config.OperatorKey)
	return nil
}

func wireSigning(n *Nod) error {
	signer, err := assertion.New(string(n.Config.AssertionKey))
	if err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	n.API.Integrator.Signer = signer
	return nil
}

func wirePromising(n *Nod) error {
	promises, err := promise.New(string(n.Config.PromiseKey), n.Config.PublicURL)
	if err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	n.API.Learner.Promises, n.API.Me.Promises, n.API.PromiseKeys = promises, promises, promises.KeySet()
	return nil
}

func wireFace(n *Nod) error {
	c := n.Config
	live, err := tencent.New(tencent.Config{
		Endpoint: c.FaceEndpoint, FaceIDEndpoint: c.FaceIDEndpoint(), Region: c.FaceRegion(),
		SecretID: face.Redacted(c.FaceID), SecretKey: face.Redacted(c.FaceKey), Token: face.Redacted(c.FaceToken),
		Rule: c.FaceIDRule, Algorithm: c.FaceIDCipher, PublicKey: c.FaceIDPublic,
	})
	if err != nil {
		return err
	}
	n.API.Checks.Face = face.ByMode{Live: live, Test: scripted.API{Delay: time.Duration(c.SlowScript)}}
	return nil
}
