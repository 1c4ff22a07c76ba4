using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Crpbot.Messages;
using Crpbot.Testing;

namespace Crpbot.Codecs.Tests.Venues;

/// <summary>Cuts the recordings into receive time and message, for tests; the product reads them with its own readers.</summary>
public static class RecordedLines
{
    /// <summary>Lines of the form <c>time JSON</c> (time in ns or µs) and <c>seconds: JSON</c>; other lines are left out.</summary>
    public static IEnumerable<(UnixNanos Time, byte[] Message)> Plain(string file)
    {
        foreach (string line in Lines(file))
        {
            int brace = line.IndexOf('{', StringComparison.Ordinal);
            string prefix = brace > 0 ? line[..brace].TrimEnd(' ', ':') : "";
            if (decimal.TryParse(prefix, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal time))
                yield return (new UnixNanos((long)(time * (time < 1e11m ? 1e9m : time < 1e17m ? 1e3m : 1))), Encoding.UTF8.GetBytes(line[brace..]));
        }
    }

    /// <summary>Cryptofeed's JSON lines: received frames, and REST depth answers with the symbol of their address.</summary>
    public static IEnumerable<(UnixNanos Time, byte[] Message, string? Symbol)> Cryptofeed(string file)
    {
        foreach (string line in Lines(file))
        {
            using var document = JsonDocument.Parse(line);
            JsonElement root = document.RootElement;
            string type = root.GetProperty("t").GetString()!;
            if (type is not ("recv" or "http"))
                continue;
            string? symbol = null;
            if (type == "http")
            {
                string url = root.GetProperty("url").GetString()!;
                int at = url.IndexOf("/depth?symbol=", StringComparison.Ordinal);
                if (at < 0)
                    continue;
                symbol = url[(at + "/depth?symbol=".Length)..].Split('&')[0];
            }

            var time = new UnixNanos((long)(root.GetProperty("ts").GetDecimal() * 1_000_000_000));
            yield return (time, Encoding.UTF8.GetBytes(root.GetProperty("data").GetString()!), symbol);
        }
    }

    private static IEnumerable<string> Lines(string file)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(MarketData.Path(file)), CompressionMode.Decompress));
        while (reader.ReadLine() is { } line)
            yield return line;
    }
}
