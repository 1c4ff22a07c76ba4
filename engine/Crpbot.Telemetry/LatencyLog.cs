using HdrHistogram;

namespace Crpbot.Telemetry;

/// <summary>Writes and reads <c>.hlog</c> files, HdrHistogram's interval log: one interval a stage, tagged with its name.</summary>
/// <remarks>Any HdrHistogram tool reads them. Values are nanoseconds.</remarks>
public static class LatencyLog
{
    /// <summary>Writes the histograms of one run.</summary>
    /// <param name="path">Created or overwritten.</param>
    /// <param name="stages">In the order of the report; empty ones too.</param>
    /// <param name="start">When the run began, UTC.</param>
    /// <param name="end">When it ended, UTC.</param>
    public static void Write(string path, IReadOnlyList<LatencyHistogram> stages, DateTime start, DateTime end)
    {
        ArgumentNullException.ThrowIfNull(stages);
        using FileStream stream = File.Create(path);
        Write(stream, stages, start, end);
    }

    /// <inheritdoc cref="Write(string, IReadOnlyList{LatencyHistogram}, DateTime, DateTime)"/>
    public static void Write(Stream stream, IReadOnlyList<LatencyHistogram> stages, DateTime start, DateTime end)
    {
        ArgumentNullException.ThrowIfNull(stages);
        LongHistogram[] intervals = new LongHistogram[stages.Count];
        for (int i = 0; i < intervals.Length; i++)
        {
            LongHistogram interval = new(1, LatencyBuckets.HighestNanos, LatencyBuckets.SignificantDigits)
            {
                StartTimeStamp = Milliseconds(start),
                EndTimeStamp = Milliseconds(end),
                Tag = stages[i].Stage,
            };
            foreach ((long nanos, long count) in stages[i].Buckets())
                interval.RecordValueWithCount(Math.Min(nanos, LatencyBuckets.HighestNanos), count);
            intervals[i] = interval;
        }

        HistogramLogWriter.Write(stream, start, intervals);
    }

    /// <summary>Reads a log back; intervals of the same tag are added up, in the order of first appearance.</summary>
    /// <exception cref="InvalidDataException">The file is not an interval log, or holds no interval.</exception>
    public static IReadOnlyList<LatencyHistogram> Read(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return Read(stream, path);
    }

    /// <param name="stream">Read to its end.</param>
    /// <param name="name">Named in errors.</param>
    /// <inheritdoc cref="Read(string)"/>
    public static IReadOnlyList<LatencyHistogram> Read(Stream stream, string name)
    {
        List<LatencyHistogram> stages = [];
        try
        {
            using HistogramLogReader reader = new(stream);
            foreach (HistogramBase interval in reader.ReadHistograms())
            {
                string stage = string.IsNullOrEmpty(interval.Tag) ? "untagged" : interval.Tag;
                LatencyHistogram? known = stages.Find(candidate => candidate.Stage == stage);
                if (known is null)
                    stages.Add(known = new LatencyHistogram(stage));
                foreach (var bucket in interval.RecordedValues())
                    known.Add(bucket.ValueIteratedTo, bucket.CountAddedInThisIterationStep);
            }
        }
        catch (Exception e) when (e is not (IOException or UnauthorizedAccessException or OutOfMemoryException))
        {
            // The library throws whatever its parser stumbles over: format, index, argument, decompression errors.
            throw new InvalidDataException($"{name} is not a HdrHistogram interval log: {e.Message}", e);
        }

        if (stages.Count == 0)
            throw new InvalidDataException($"{name} holds no interval of a HdrHistogram log");
        return stages;
    }

    private static long Milliseconds(DateTime utc) => (long)(utc.ToUniversalTime() - DateTime.UnixEpoch).TotalMilliseconds;
}
