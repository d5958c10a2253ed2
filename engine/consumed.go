package engine

import "kdyno/engine/setting"

// Consumed are the settings of the producer that the engine itself honours, by
// the gate in front of it. The others are those of client.Consumed and
// partition.Consumed.
var Consumed = []setting.Key{setting.BufferMemory, setting.MaxBlockMs}
