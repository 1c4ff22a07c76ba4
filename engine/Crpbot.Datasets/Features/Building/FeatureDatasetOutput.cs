using System.Globalization;
using Crpbot.Features;
using Microsoft.Win32.SafeHandles;

namespace Crpbot.Datasets;

/// <summary>Where a build writes: one file of all symbols, or a folder with one file a symbol.</summary>
/// <remarks>Files appear under their names when they are whole and on the disk. Equal rows give equal bytes, so a job may run again.</remarks>
public sealed class FeatureDatasetOutput : IDisposable
{
    /// <summary>Rows of a group in a folder, where several files may be open at once.</summary>
    private const int FolderGroupRows = 16_384;

    private readonly Dictionary<string, (FeatureDatasetWriter Writer, string Draft, string Path)> _open = new(StringComparer.Ordinal);
    private readonly string _path;
    private readonly string _source;
    private readonly string? _part;

    private FeatureDatasetOutput(string path, string source, string? part) => (_path, _source, _part) = (path, source, part);

    /// <summary>One file; written even when there are no rows.</summary>
    /// <param name="path">Replaced if it exists.</param>
    /// <param name="source">Where the rows come from, in words.</param>
    public static FeatureDatasetOutput ToFile(string path, string source)
    {
        var output = new FeatureDatasetOutput(path, source, part: null);
        output.Open("");
        return output;
    }

    /// <summary>A folder <c>symbol=coinbase%3ABTC-USD/part-0.parquet</c>, which reads as one dataset.</summary>
    /// <param name="folder">Made if it does not exist; other parts in it are left alone.</param>
    /// <param name="source">Where the rows come from, in words.</param>
    /// <param name="range">Gives a part of a time span its own name, so that spans built apart stand beside one another.</param>
    public static FeatureDatasetOutput ToFolder(string folder, string source, BarRange range) => new(folder, source, PartName(range));

    public void Write(FeatureRowSource from)
    {
        ArgumentNullException.ThrowIfNull(from);
        string key = _part is null ? "" : from.Symbol;
        FeatureDatasetWriter writer = _open.TryGetValue(key, out var open) ? open.Writer : Open(key);
        writer.Write(from.Symbol, from.Row, from.EndBid, from.EndAsk);
    }

    /// <summary>Makes every open file whole and gives it its name.</summary>
    /// <returns>Their paths, in ordinal order.</returns>
    public IReadOnlyList<string> Commit()
    {
        string[] paths = [.. _open.Values.Select(open => open.Path).Order(StringComparer.Ordinal)];
        foreach ((string key, (FeatureDatasetWriter writer, string draft, string path)) in _open.ToArray())
        {
            writer.Close();
            writer.Dispose();
            using (SafeFileHandle file = File.OpenHandle(draft, FileMode.Open, FileAccess.ReadWrite))
                RandomAccess.FlushToDisk(file);
            File.Move(draft, path, overwrite: true);
            _open.Remove(key);
        }

        return paths;
    }

    public void Dispose()
    {
        foreach ((FeatureDatasetWriter writer, string draft, _) in _open.Values)
        {
            writer.Dispose();
            File.Delete(draft);
        }

        _open.Clear();
    }

    private FeatureDatasetWriter Open(string symbol)
    {
        string path = _part is null ? _path : Path.Combine(_path, $"symbol={Uri.EscapeDataString(symbol)}", _part);
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (_part is not null)
            Directory.CreateDirectory(folder);
        string draft = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $".{Path.GetFileName(path)}.{Environment.ProcessId}.unconfirmed"));
        var writer = new FeatureDatasetWriter(draft, _source, groupRows: _part is null ? FeatureDatasetWriter.DefaultGroupRows : FolderGroupRows);
        _open.Add(symbol, (writer, draft, path));
        return writer;
    }

    private static string PartName(BarRange range)
    {
        if (range == BarRange.All)
            return "part-0.parquet";
        // "0" sorts before any year, so parts are read in order of time.
        static string Name(Messages.UnixNanos time, string open) => time == BarRange.All.From || time == BarRange.All.To
            ? open : time.ToDateTime().ToString("yyyyMMdd'T'HHmm", CultureInfo.InvariantCulture);
        return $"part-{Name(range.From, "0")}-{Name(range.To, "end")}.parquet";
    }
}
