package store

// reads are all queries that change nothing; they are prepared for View and Update.
func reads() []string {
	return []string{
		sqlOutboxByOrigin, sqlOutboxByID, sqlOutboxes,
		sqlTile, sqlEntry, sqlEntries, sqlLeaves, sqlEntrySizes, sqlHasLeaf,
		sqlCheckpoint, sqlCheckpointWithin, sqlCheckpointAfter, sqlFirstReceipt, sqlReceiptWithin, sqlReceiptTime, sqlEachReceipt, sqlReceiptSince, sqlReceiptBefore,
		sqlLodgings, sqlHeld, sqlFirstLodged, sqlLastLodged,
		sqlCase, sqlCases, sqlCasesOfLink, sqlEachCase, sqlEachColumns, sqlNewestChange, sqlDueCases, sqlNextDue, sqlChangedSince, sqlCasesToFill, sqlCountReleased, sqlNthReleased,
		sqlLink, sqlLinks, sqlState, sqlFiling, sqlFilings, sqlEvidence, sqlEvidenceCount, sqlMeta,
		sqlProfiles, sqlToken, sqlTokens,
		sqlWitnessed, sqlWitnessKeys, sqlWitnessLogs,
		sqlCountLeaves, sqlNewestCheckpoint,
		sqlCosignaturesAt, sqlNewestCosignature, sqlEachCosignature, sqlFirstCosignedAfter,
		sqlPendingDatings, sqlDatingsFrom, sqlFirstDating, sqlLastDating, sqlFirstCovering, sqlEachDating, sqlNewestDatedSize,
		sqlLastBeat, sqlBeats, sqlEachBeat,
	}
}

// writes are all statements that change something; they are prepared for Update only.
func writes() []string {
	return []string{
		sqlInsertOutbox, sqlStopOutbox, sqlMoveHead, sqlMove, sqlRaiseReceipted,
		sqlInsertLeaf, sqlInsertContent, sqlEraseContent, sqlPutTile,
		sqlInsertCheckpoint, sqlSaveReceipt,
		sqlPutCase, sqlDropUnchanged, sqlSetStage, sqlSetNext, sqlExpire, sqlPutLink, sqlPutState, sqlInsertFiling, sqlInsertEvidence, sqlPutMeta,
		sqlPutProfile, sqlReplaceReceipt, sqlTouchCase, sqlInsertToken, sqlUseToken, sqlRevokeToken,
		sqlPutWitnessed, sqlInsertWitnessKey,
		sqlInsertCosignature, sqlInsertDating, sqlCoverDatings, sqlThinDated, sqlThinPending,
		sqlPutLodging, sqlMarkErased, sqlEraseContents,
		sqlPutBeat, sqlDropBeat,
	}
}
