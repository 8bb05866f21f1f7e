package engine

import (
	"embed"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
)

// The names of the three models; each is a manifest and one file of numbers.
const (
	detectorModel   = "tiny_face_detector_model"
	landmarkModel   = "face_landmark_68_model"
	descriptorModel = "face_recognition_model"
)

//go:embed weights/*.bin weights/*.json
var weightFiles embed.FS

// maxTensor bounds one tensor's length, far above the largest of ours (589,824), so
// that a damaged manifest cannot ask for all memory.
const maxTensor = 1 << 24

var errManifest = errors.New("engine: damaged weights")

// tensor is a named array of a model, row-major, as the manifest lists it.
type tensor struct {
	shape []int
	data  []float32
}

// manifest is the format of TensorFlow.js: tensors follow each other in the file in
// the order in which they are listed.
type manifest []struct {
	Weights []struct {
		Name         string `json:"name"`
		Shape        []int  `json:"shape"`
		DType        string `json:"dtype"`
		Quantization *struct {
			DType string  `json:"dtype"`
			Scale float64 `json:"scale"`
			Min   float64 `json:"min"`
		} `json:"quantization"`
	} `json:"weights"`
}

// loadModel reads one of the embedded models.
func loadModel(name string) (model, error) {
	list, err := weightFiles.ReadFile("weights/" + name + "-weights_manifest.json")
	if err != nil {
		return nil, err
	}
	bin, err := weightFiles.ReadFile("weights/" + name + ".bin")
	if err != nil {
		return nil, err
	}
	tensors, err := parseWeights(list, bin)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return tensors, nil
}

// parseWeights splits bin into the tensors that the manifest lists. The file must be
// used up exactly: a rest means that the two do not belong together.
func parseWeights(list, bin []byte) (model, error) {
	var m manifest
	if err := json.Unmarshal(list, &m); err != nil {
		return nil, fmt.Errorf("%w: %w", errManifest, err)
	}
	if len(m) != 1 {
		return nil, fmt.Errorf("%w: %d groups of tensors, want 1", errManifest, len(m))
	}
	tensors := make(model)
	for _, w := range m[0].Weights {
		n, err := length(w.Shape)
		if err != nil || w.DType != "float32" || tensors[w.Name].data != nil {
			return nil, fmt.Errorf("%w: tensor %q", errManifest, w.Name)
		}
		var t tensor
		switch q := w.Quantization; {
		case q == nil:
			t, bin, err = plain(w.Shape, n, bin)
		case q.DType == "uint8":
			t, bin, err = quantized(w.Shape, n, bin, q.Scale, q.Min)
		default:
			err = errManifest
		}
		if err != nil {
			return nil, fmt.Errorf("%w: tensor %q", errManifest, w.Name)
		}
		tensors[w.Name] = t
	}
	if len(bin) != 0 {
		return nil, fmt.Errorf("%w: %d bytes too many", errManifest, len(bin))
	}
	return tensors, nil
}

func length(shape []int) (int, error) {
	n := 1
	for _, d := range shape {
		if d < 1 || d > maxTensor/n {
			return 0, errManifest
		}
		n *= d
	}
	return n, nil
}

// plain reads little-endian floats.
func plain(shape []int, n int, bin []byte) (tensor, []byte, error) {
	if len(bin) < 4*n {
		return tensor{}, nil, errManifest
	}
	data := make([]float32, n)
	for i := range data {
		data[i] = math.Float32frombits(binary.LittleEndian.Uint32(bin[4*i:]))
	}
	return tensor{shape, data}, bin[4*n:], nil
}

// quantized reads one byte a number: q*scale + min.
func quantized(shape []int, n int, bin []byte, scale, offset float64) (tensor, []byte, error) {
	if len(bin) < n {
		return tensor{}, nil, errManifest
	}
	data := make([]float32, n)
	for i := range data {
		data[i] = float32(float64(bin[i])*scale + offset)
	}
	return tensor{shape, data}, bin[n:], nil
}
