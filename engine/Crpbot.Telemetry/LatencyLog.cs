using System.Globalization;
using System.Text;
using HdrHistogram;
using HdrHistogram.Encoding;
using HdrHistogram.Utilities;

namespace Crpbot.Telemetry;

/// <summary>Writes and reads <c>.hlog</c> files, HdrHistogram's interval log: one interval a stage, tagged with its name.</summary>
/// <remarks>Any HdrHistogram tool reads them. Values are nanoseconds.</remarks>
public static class LatencyLog
{
    private const string TagPrefix = "Tag=";
    private const string Untagged = "untagged";

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
        // The library's own log writer writes UTF-16, which other HdrHistogram tools cannot read; its encoding of one histogram is fine.
        using StreamWriter text = new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true) { NewLine = "\n" };
        double startSeconds = Seconds(start), length = Math.Max(0, (end - start).TotalSeconds);
        text.WriteLine("#[Histogram log format version 1.3]");
        text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"#[StartTime: {startSeconds:F3} (seconds since epoch), {start.ToUniversalTime():yyyy-MM-ddTHH:mm:ss.fffZ}]"));
        text.WriteLine("\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"");
        foreach (LatencyHistogram stage in stages)
        {
            // The maximum is in milliseconds by the format's convention, the histogram in our nanoseconds.
            double maxMilliseconds = stage.ValueAt(1) / 1e6;
            text.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"Tag={stage.Stage},{startSeconds:F3},{length:F3},{maxMilliseconds:F6},{Encode(stage)}"));
        }
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
        using StreamReader text = new(stream, leaveOpen: true);
        int number = 0;
        while (text.ReadLine() is { } line)
        {
            number++;
            if (line.Length == 0 || line[0] is '#' or '"')
                continue;
            string stage = Untagged;
            if (line.StartsWith(TagPrefix, StringComparison.Ordinal))
            {
                int comma = line.IndexOf(',', StringComparison.Ordinal);
                if (comma < 0)
                    throw Damaged(name, number, "ends after its tag");
                stage = line[TagPrefix.Length..comma];
                line = line[(comma + 1)..];
            }

            string[] fields = line.Split(',');
            if (fields.Length != 4)
                throw Damaged(name, number, $"has {fields.Length} fields where an interval has 4");
            LatencyHistogram? known = stages.Find(candidate => candidate.Stage == stage);
            try
            {
                if (known is null)
                    stages.Add(known = new LatencyHistogram(stage));
                Decode(fields[3], known);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // The library's decoder throws whatever it stumbles over: format, index, argument, decompression errors.
                throw Damaged(name, number, $"holds no histogram: {e.Message.ReplaceLineEndings(" ")}", e);
            }
        }

        if (stages.Count == 0)
            throw new InvalidDataException($"{name} holds no interval of a HdrHistogram log");
        return stages;
    }

    private static string Encode(LatencyHistogram stage)
    {
        LongHistogram interval = new(1, LatencyBuckets.HighestNanos, LatencyBuckets.SignificantDigits);
        foreach ((long nanos, long count) in stage.Buckets())
            interval.RecordValueWithCount(Math.Min(nanos, LatencyBuckets.HighestNanos), count);
        ByteBuffer buffer = ByteBuffer.Allocate(interval.GetNeededByteBufferCapacity());
        int length = interval.EncodeIntoCompressedByteBuffer(buffer);
        byte[] bytes = new byte[length];
        buffer.Position = 0;
        for (int i = 0; i < length; i++)
            bytes[i] = buffer.Get();
        return Convert.ToBase64String(bytes);
    }

    private static void Decode(string base64, LatencyHistogram stage)
    {
        HistogramBase interval = HistogramEncoding.DecodeFromCompressedByteBuffer(ByteBuffer.Allocate(Convert.FromBase64String(base64)), 0);
        foreach (var bucket in interval.RecordedValues())
            stage.Add(bucket.ValueIteratedTo, bucket.CountAddedInThisIterationStep);
    }

    private static InvalidDataException Damaged(string name, int line, string what, Exception? cause = null) =>
        new($"{name}, line {line}: {what}; not a HdrHistogram interval log, or damaged", cause);

    private static double Seconds(DateTime utc) => (utc.ToUniversalTime() - DateTime.UnixEpoch).TotalSeconds;
}
