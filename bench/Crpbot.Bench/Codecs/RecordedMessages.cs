using System.IO.Compression;
using System.Text;

namespace Crpbot.Bench.Codecs;

/// <summary>Messages of the recordings in <c>CRPBOT_DATA</c> or <c>shared/data</c> beside the checkout; a benchmark without its recording fails.</summary>
internal static class RecordedMessages
{
    /// <summary>The JSON of every line that has one after its time.</summary>
    public static byte[][] Load(string file)
    {
        string path = Path.Combine(Root(), file);
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        var messages = new List<byte[]>();
        while (reader.ReadLine() is { } line)
        {
            int brace = line.IndexOf('{', StringComparison.Ordinal);
            if (brace > 0 && char.IsAsciiDigit(line[0]))
                messages.Add(Encoding.UTF8.GetBytes(line[brace..]));
        }

        return [.. messages];
    }

    private static string Root()
    {
        if (Environment.GetEnvironmentVariable("CRPBOT_DATA") is { Length: > 0 } named)
            return named;
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string data = Path.Combine(folder.FullName, "shared", "data");
            if (Directory.Exists(data))
                return data;
        }

        throw new DirectoryNotFoundException("no shared/data above the benchmark; set CRPBOT_DATA");
    }
}
