using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace Crpbot.LatencyBench.Figures;

/// <summary>Measures the lake's jobs as a user runs them: the program, two symbol-days on two cores, its own start and its peak memory included.</summary>
/// <remarks>
/// The days are made of the recorded minutes of two Binance books and their trades, repeated hour by hour: real rows, a real day's number of them. Beside the
/// jobs stands what bounds them, inflating the same files, and what others use, the official Node client on the same raw slices.
/// </remarks>
internal sealed class DataFigures(string dataFolder, string folder, Action<string, string, string, bool?, string> add)
{
    private const int Hours = 24;
    private const long HourMicros = 3_600_000_000;
    private const long MemoryMegabytesMax = 500;
    private const string Day = "2024/08/08";
    private static readonly string[] Symbols = ["BTCUSDT", "ETHUSDT"];
    private static readonly string[] Types = ["incremental_book_L2", "trades"];

    private readonly string _lake = Path.Combine(folder, "lake");
    private long _rows;
    private long _bookRows;
    private long _textBytes;

    public void Measure()
    {
        foreach (string symbol in Symbols)
        {
            foreach (string type in Types)
                WriteDay(symbol, type, Hours, DatasetPath(_lake, symbol, type));
        }

        string bound = Bound();
        Job("csv.gz → captures", ["data", "convert", "--lake", _lake, "--to-capture"], _rows, "rows", $"2 symbol-days, book and trades merged by receive time, and their Parquet; {bound}");
        foreach (string converted in Directory.EnumerateDirectories(_lake).Where(path => Path.GetFileName(path) != "raw"))
            Directory.Delete(converted, recursive: true);
        Job("csv.gz → Parquet lake", ["data", "convert", "--lake", _lake], _rows, "rows", $"2 symbol-days, 4 files; {bound}");
        Job("data validate", ["data", "validate", _lake], _rows, "rows", "the same lake: the downloaded files inflated and judged, their Parquet read for damage");
        Job("features build", ["features", "build", "--lake", _lake, "--out", Path.Combine(folder, "day.parquet")], _rows, "rows", "the same lake, 53 features, one merged stream on one core");
        FlatMemory();
        if (NodeSeconds(out long lines, out long messages) is { } node)
        {
            double ours = SlicesSeconds(lines);
            add("raw slices → events", $"{lines / ours / 1e6:F2} M msg/s", "> tardis-dev", ours < node,
                $"{lines:N0} Coinbase messages in gzipped minutes to Parquet on one core, start included; tardis-dev 13.35.3 replays them normalised ({messages:N0} messages) at {lines / node / 1e6:F2} M msg/s, start left out");
        }
    }

    private void Job(string path, string[] arguments, long rows, string unit, string note)
    {
        (double seconds, long megabytes) = Run(arguments);
        add(path, $"{rows / seconds / 1e6:F1} M {unit}/s, {_textBytes / seconds / 1e6:F0} MB/s, {megabytes} MB", $"< {MemoryMegabytesMax} MB", megabytes < MemoryMegabytesMax, $"{rows:N0} rows, {_textBytes / 1e6:F0} MB of CSV; {note}");
    }

    /// <summary>A file four times as long takes as much memory.</summary>
    private void FlatMemory()
    {
        string once = DatasetPath(_lake, Symbols[0], Types[0]);
        string longer = Path.Combine(folder, "longer.csv.gz");
        WriteDay(Symbols[0], Types[0], 4 * Hours, longer);
        string[] Arguments(string from) => ["data", "convert", from, Path.Combine(folder, "memory.parquet"), "--csv-type", Types[0]];
        (_, long of1) = Run(Arguments(once));
        (_, long of4) = Run(Arguments(longer));
        add("memory by length", $"{of1} and {of4} MB", $"< {MemoryMegabytesMax} MB", of4 < MemoryMegabytesMax, $"csv.gz → Parquet of {_bookRows:N0} rows and of four times as many");
    }

    /// <summary>What gzip itself needs for the files, two at a time, and what this runtime's inflation needs.</summary>
    private string Bound()
    {
        string[] files = Directory.GetFiles(Path.Combine(_lake, "raw"), "*.gz", SearchOption.AllDirectories);
        double gzip = Seconds(files, file =>
        {
            using Process process = Process.Start(new ProcessStartInfo("gzip", ["-t", file]))!;
            process.WaitForExit();
            if (process.ExitCode != 0)
                throw new InvalidOperationException($"gzip -t {file} ended with {process.ExitCode}");
        });
        double inflate = Seconds(files, file =>
        {
            using var stream = new GZipStream(File.OpenRead(file), CompressionMode.Decompress);
            byte[] buffer = new byte[1 << 17];
            while (stream.Read(buffer) > 0)
            {
            }
        });
        return $"inflating the same files on two cores: gzip {_rows / gzip / 1e6:F1} M rows/s, zlib-ng of .NET {_rows / inflate / 1e6:F0}";
    }

    private static double Seconds(string[] files, Action<string> inflate)
    {
        long start = Stopwatch.GetTimestamp();
        Parallel.ForEach(files, new ParallelOptions { MaxDegreeOfParallelism = 2 }, inflate);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Repeats the recorded minutes every hour, from midnight on, with both times moved alike.</summary>
    private void WriteDay(string symbol, string type, int times, string path)
    {
        string[] lines = ReadLines(Path.Combine(dataFolder, "tardis-csv-layout", $"binance_{type}_2024-08-08_{symbol}.csv.gz"));
        (long Exchange, long Local, string Before, string After)[] rows = [.. lines.Skip(1).Select(Cut)];
        long midnight = rows[0].Local / (24 * HourMicros) * 24 * HourMicros;
        long first = rows.Min(row => Math.Min(row.Exchange, row.Local)) - midnight - 60_000_000;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var writer = new StreamWriter(new GZipStream(File.Create(path), CompressionLevel.Optimal), new UTF8Encoding(false), 1 << 16);
        writer.Write(lines[0] + "\n");
        long bytes = 0;
        for (int k = 0; k < times; k++)
        {
            long shift = k * HourMicros * Hours / times - first;
            foreach ((long exchange, long local, string before, string after) in rows)
            {
                string row = string.Create(CultureInfo.InvariantCulture, $"{before}{exchange + shift},{local + shift}{after}\n");
                writer.Write(row);
                bytes += row.Length;
            }
        }

        if (times != Hours)
            return;
        _rows += (long)rows.Length * times;
        _textBytes += bytes;
        if (symbol == Symbols[0] && type == Types[0])
            _bookRows = (long)rows.Length * times;
    }

    private static (long, long, string, string) Cut(string row)
    {
        string[] cells = row.Split(',', 5);
        return (long.Parse(cells[2], CultureInfo.InvariantCulture), long.Parse(cells[3], CultureInfo.InvariantCulture), $"{cells[0]},{cells[1]},", "," + cells[4]);
    }

    private static string[] ReadLines(string path)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static string DatasetPath(string lake, string symbol, string type) => Path.Combine(lake, "raw", "tardis", "datasets", "binance", type, Day, symbol + ".csv.gz");

    /// <summary>The official client on a full cache, which it replays without asking anybody; null where it is not installed.</summary>
    private double? NodeSeconds(out long lines, out long messages)
    {
        (lines, messages) = (0, 0);
        string modules = Path.Combine(Repository.Root, "artifacts", "node", "node_modules");
        if (!Directory.Exists(Path.Combine(modules, "tardis-dev")))
            return null;
        string script = Path.Combine(Repository.Root, "bench", "Crpbot.LatencyBench", "Figures", "tardis-dev-replay.cjs");
        using Process node = Process.Start(new ProcessStartInfo("node", [script, modules, Path.Combine(dataFolder, "cryptofeed", "COINBASE.ws.28.0.part1.gz"), Path.Combine(folder, "cache")])
        {
            RedirectStandardOutput = true,
        })!;
        string answer = node.StandardOutput.ReadToEnd();
        node.WaitForExit();
        if (node.ExitCode != 0)
            throw new InvalidOperationException($"{script} ended with {node.ExitCode}");
        using JsonDocument document = JsonDocument.Parse(answer);
        (lines, messages) = (document.RootElement.GetProperty("lines").GetInt64(), document.RootElement.GetProperty("messages").GetInt64());
        return document.RootElement.GetProperty("seconds").GetDouble();
    }

    private double SlicesSeconds(long lines)
    {
        string lake = Path.Combine(folder, "slices");
        string raw = Path.Combine(lake, "raw", "tardis");
        Directory.CreateDirectory(raw);
        Directory.Move(Path.Combine(folder, "cache", "feeds"), Path.Combine(raw, "feeds"));
        (double seconds, _) = Run(["data", "convert", "--lake", lake, "--parallel", "1", "--json"], out string json);
        using JsonDocument document = JsonDocument.Parse(json);
        if (document.RootElement.TryGetProperty("refused", out JsonElement refused) && refused.GetInt64() > 0)
            throw new InvalidOperationException($"{refused} of {lines} recorded messages were refused");
        return seconds;
    }

    private static (double Seconds, long PeakMegabytes) Run(string[] arguments) => Run(arguments, out _);

    private static (double Seconds, long PeakMegabytes) Run(string[] arguments, out string output)
    {
        string program = Directory.GetFiles(Path.Combine(Repository.Root, "artifacts", "bin", "Crpbot.Cli"), "crpbot", SearchOption.AllDirectories).First(path => path.Contains("release", StringComparison.Ordinal));
        long start = Stopwatch.GetTimestamp();
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> read = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        long peak = 0;
        while (!process.WaitForExit(20))
            peak = Math.Max(peak, PeakKilobytes(process.Id));
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        output = read.Result;
        // 1 is an answer of validation, not a failure to run.
        return process.ExitCode is 0 or 1 ? (seconds, peak / 1024) : throw new InvalidOperationException($"crpbot {string.Join(' ', arguments)} ended with {process.ExitCode}: {errors.Result}");
    }

    private static long PeakKilobytes(int process)
    {
        try
        {
            string? line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(text => text.StartsWith("VmHWM", StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line.Split(' ', '\t', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            // It ended between the two looks.
            return 0;
        }
    }
}
