namespace Crpbot.Datasets.Download;

/// <summary>Which partitions of a source a run is to see to.</summary>
/// <param name="From">First instant, UTC, aligned down to the source's step.</param>
/// <param name="To">Exclusive.</param>
/// <param name="Shard">The part of them that this run does.</param>
internal sealed record DownloadPlan(IRawSource Source, DateTime From, DateTime To, Sharding Shard)
{
    /// <summary>A series' partitions, oldest first.</summary>
    public IEnumerable<RawPartition> PartitionsOf(RawSeries series)
    {
        DateTime start = Floor(From, Source.Step);
        DateOnly day = default;
        bool owned = false;
        for (DateTime at = start; at < To; at += Source.Step)
        {
            if (DateOnly.FromDateTime(at) != day)
            {
                day = DateOnly.FromDateTime(at);
                owned = Shard.Owns(Sharding.PartitionKey(series.Venue, series.Type, series.Symbol, day));
            }

            if (owned)
                yield return new RawPartition(series, at);
        }
    }

    // Steps divide the hour or are a day, so whole ticks since year 1 align with both.
    private static DateTime Floor(DateTime time, TimeSpan step) => new(time.Ticks - time.Ticks % step.Ticks, DateTimeKind.Utc);
}
