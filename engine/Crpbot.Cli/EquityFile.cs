using System.Globalization;
using System.Text;
using Crpbot.Codecs.Text;
using Crpbot.Datasets;
using Crpbot.Messages;
using Crpbot.Risk;

namespace Crpbot.Cli;

/// <summary>An account's history as CSV, plain or gzip: columns <c>time</c>, <c>balance</c>, <c>equity</c> in any order and case, others are passed over.</summary>
/// <remarks>
/// Times are ISO 8601, UTC where they name no zone, never before the row above. Amounts are decimal and exact: what needs more than 18 fraction digits is
/// refused. The first thing that cannot be read ends it, with file, line and field: a limit judged on part of an account says nothing.
/// </remarks>
internal sealed class EquityFile
{
    private const int LongestLine = 1 << 20, ShownText = 40;

    // The rule of PragueCalendar is in force since the autumn of 1996.
    private static readonly UnixNanos Earliest = UnixNanos.FromDateTime(new DateTime(1997, 1, 1, 0, 0, 0, DateTimeKind.Utc));
    private static readonly string[] Names = ["time", "balance", "equity"];
    private readonly string _path;
    private readonly LineReader _lines;
    private readonly CandleCells _cells = new();
    private readonly int[] _columns = [-1, -1, -1];

    private EquityFile(string path, Stream text) => (_path, _lines) = (path, new LineReader(text, LongestLine));

    /// <returns>At least one point.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">Names file, line and field.</exception>
    public static IReadOnlyList<EquityPoint> Read(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path}: there is no such file", path);
        using Stream text = CompressedInput.Open(File.OpenRead(path), out GzipReadStream? gzip);
        var points = new List<EquityPoint>();
        var file = new EquityFile(path, text);
        file.ReadInto(points);
        if (gzip is not null && gzip.Damage != GzipDamage.None)
            throw file.Bad($"the gzip data {(gzip.Damage == GzipDamage.Truncated ? "break off" : "are damaged")} here");
        return points.Count > 0 ? points : throw new InvalidDataException($"{path}: no rows below the header; expected at least one");
    }

    private void ReadInto(List<EquityPoint> points)
    {
        bool hasHeader = false;
        LineStatus status;
        while ((status = _lines.Read(out ReadOnlySpan<byte> line)) != LineStatus.End)
        {
            if (status == LineStatus.TooLong)
                throw Bad("over 1 MiB without an end");
            if (line.Trim((byte)' ').IsEmpty)
                continue;
            _cells.Split(line, (byte)',');
            if (hasHeader)
                points.Add(Point(line, points.Count > 0 ? points[^1].Time : Earliest, points.Count > 0));
            else
                FindColumns(line);
            hasHeader = true;
        }

        if (!hasHeader)
            throw new InvalidDataException($"{_path}: the file is empty; expected a header with time, balance, equity");
    }

    private void FindColumns(ReadOnlySpan<byte> line)
    {
        for (int i = 0; i < _cells.Count; i++)
        {
            string cell = _cells.TextOf(line, i);
            int name = Array.FindIndex(Names, known => known.Equals(cell, StringComparison.OrdinalIgnoreCase));
            if (name >= 0 && _columns[name] >= 0)
                throw Bad($"two columns are named {Names[name]}");
            if (name >= 0)
                _columns[name] = i;
        }

        int missing = Array.IndexOf(_columns, -1);
        if (missing >= 0)
            throw Bad($"no column {Names[missing]} in the header '{Shorten(Encoding.UTF8.GetString(line))}'; expected time, balance, equity");
    }

    private EquityPoint Point(ReadOnlySpan<byte> line, UnixNanos last, bool hasLast)
    {
        string time = Cell(line, 0);
        if (!CandleTimeText.TryParse(Encoding.UTF8.GetBytes(time), DateOrder.Unknown, out UnixNanos at, out CandleTimeForm form)
            || form is not (CandleTimeForm.Text or CandleTimeForm.ZonedText))
        {
            throw Bad($"time is '{Shorten(time)}', expected ISO 8601 such as 2026-03-29T21:59:00Z");
        }

        if (at < last)
            throw Bad($"time is '{Shorten(time)}', {(hasLast ? $"before {last} of the row above; sort the rows by time" : "expected 1997 or later")}");
        return new EquityPoint(at, Amount(line, 1), Amount(line, 2));
    }

    private Notional Amount(ReadOnlySpan<byte> line, int name)
    {
        string text = Cell(line, name);
        return ExactAmount.TryParse(text, out Notional amount)
            ? amount
            : throw Bad($"{Names[name]} is '{Shorten(text)}', expected a decimal number such as 98750.25 with at most 18 fraction digits");
    }

    private string Cell(ReadOnlySpan<byte> line, int name) => _columns[name] < _cells.Count
        ? _cells.TextOf(line, _columns[name])
        : throw Bad($"{Names[name]} is missing: {_cells.Count} fields");

    private InvalidDataException Bad(string what) => new($"{_path}: line {_lines.LineNumber.ToString(CultureInfo.InvariantCulture)}: {what}");

    private static string Shorten(string text) => text.Length <= ShownText ? text : text[..ShownText] + "…";
}
