using Crpbot.Messages;

namespace Crpbot.Datasets;

/// <summary>Writes the rows of several sources as one dataset, in order of time, then symbol.</summary>
public static class FeatureDatasetBuild
{
    /// <param name="sources">No symbol in two of them. Read to their ends; disposing is the caller's.</param>
    /// <param name="output">Committed by the caller.</param>
    /// <param name="report">Counts what was read and written.</param>
    /// <param name="progress">Told the number of events from time to time, or null.</param>
    public static void Run(IReadOnlyList<FeatureRowSource> sources, FeatureDatasetOutput output, FeatureBuildReport report, Action<long>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(report);
        var heads = new PriorityQueue<FeatureRowSource, (UnixNanos Time, string Symbol)>(Comparer<(UnixNanos Time, string Symbol)>.Create(
            (a, b) => a.Time != b.Time ? a.Time.CompareTo(b.Time) : string.CompareOrdinal(a.Symbol, b.Symbol)));
        foreach (FeatureRowSource source in sources)
            Advance(source);
        while (heads.TryDequeue(out FeatureRowSource? next, out _))
        {
            output.Write(next);
            report.Of(next.Symbol).Count(next.Row);
            progress?.Invoke(sources.Sum(source => source.EventsRead));
            Advance(next);
        }

        foreach (FeatureRowSource source in sources)
            source.Describe(report);

        void Advance(FeatureRowSource source)
        {
            if (source.Read())
                heads.Enqueue(source, (source.Row.Bar.OpenTime, source.Symbol));
        }
    }
}
