package localapi

// scale lays the engine's distance on the vendor's scores; between two points it is a
// straight line. It falls everywhere, so a threshold on the one is a threshold on the
// other.
var scale = []struct{ distance, score float64 }{
	{0, 100},
	{0.45, 60}, // the vendor's 1e-5
	{0.50, 50}, // the vendor's 1e-4, the default setting
	{0.55, 40}, // the vendor's 1e-3; about the nearest two people that were tried
	{0.60, 30}, // beyond it nobody is the same person
	{1.00, 0},
}

// Score returns the score, 0 to 100, that belongs to a distance between two faces. The
// rates that the vendor attaches to its scores were not measured for this engine.
func Score(distance float64) float64 {
	distance = max(distance, 0)
	for i := 1; i < len(scale); i++ {
		from, to := scale[i-1], scale[i]
		if distance <= to.distance {
			part := (distance - from.distance) / (to.distance - from.distance)
			return from.score + part*(to.score-from.score)
		}
	}
	return 0
}

// passingSimilarity is the vendor's fixed threshold of ImageRecognitionV2. It stands for
// a false-accept rate of 1e-4, as a score of 50 does in CompareFace.
const passingSimilarity = 70

// Similarity lays a score of CompareFace on the scale of ImageRecognitionV2:
//
//	score        0   25   50   75  100
//	similarity   0   35   70   85  100
//
// The two scales meet at their ends and where both stand for 1e-4; in between are
// straight lines. No other rates of the similarity are known for the vendor's V2.
func Similarity(score float64) float64 {
	const same = 50
	if score < same {
		return score * passingSimilarity / same
	}
	return passingSimilarity + (score-same)*(100-passingSimilarity)/(100-same)
}
