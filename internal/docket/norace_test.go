//go:build !race

package docket

const raceDetector = false
