using System.Text;
using Crpbot.Codecs.Text;
using Crpbot.Messages;

namespace Crpbot.Datasets;

/// <summary>Reads candles of any CSV shape row by row: columns by name in any order, plain, gzip or one zip entry, newest or oldest first.</summary>
/// <remarks>
/// <code>
///   using CandleReader reader = CandleReader.Open(path, CandleFileOptions.Default);
///   while (reader.Read(out CandleRow row) is not CandleReadStatus.End and var status) …
/// </code>
/// The file is looked into first (<see cref="Shape"/>): what can be read in two ways is refused with the option that decides. A row that cannot
/// be read is returned as damage, and reading goes on. Impossible candles are rows all the same: judging them is the caller's part.
/// </remarks>
public sealed class CandleReader : IDisposable
{
    private const int ShownText = 40;
    private readonly string _path;
    private readonly CandleInput _input;
    private readonly CandleCells _cells = new();
    private readonly CandleColumns _columns;
    private readonly (int Column, string Name)[] _values;
    private readonly string? _wantedSymbol;
    private byte[]? _symbol;
    private string? _refusedSymbol;

    private CandleReader(string path, CandleFileOptions options, CandleShape shape)
    {
        (_path, Shape, _columns) = (path, shape, shape.Columns);
        _values = [(_columns.Open, "open"), (_columns.High, "high"), (_columns.Low, "low"), (_columns.Close, "close"), (_columns.Volume, "volume")];
        _wantedSymbol = _columns.Symbol >= 0 && options.Symbol is not null ? CandleColumnNames.Plain(options.Symbol) : null;
        _input = CandleInput.Open(path);
    }

    public CandleShape Shape { get; }

    /// <summary>Data rows read, damaged ones included.</summary>
    public long Rows { get; private set; }

    /// <summary>Bytes of text read.</summary>
    public long Bytes => _input.Lines.BytesRead;

    /// <summary>The row of the last <see cref="CandleReadStatus.Damaged"/>.</summary>
    public CandleDamage Damage { get; private set; } = new(0, UnixNanos.None, "", "");

    /// <summary>After the end: the file breaks off, inside its compression or inside its last row.</summary>
    public bool IsTruncated { get; private set; }

    /// <summary>After the end: the compressed data is damaged; what follows is lost.</summary>
    public bool IsCorrupt { get; private set; }

    /// <summary>The line read last.</summary>
    public long Line => _input.Lines.LineNumber;

    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is no candle file, or may be read in two ways; names the option that decides.</exception>
    public static CandleReader Open(string path, CandleFileOptions options)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(options);
        return new CandleReader(path, options, CandleProbe.Find(path, options));
    }

    /// <summary>Reads the next row.</summary>
    /// <exception cref="InvalidDataException">The file holds several symbols and none was chosen.</exception>
    public CandleReadStatus Read(out CandleRow row)
    {
        for (; ; )
        {
            LineStatus status = _input.Lines.Read(out ReadOnlySpan<byte> line);
            if (status == LineStatus.End)
                return End(out row);
            if (Line <= Shape.HeaderLine || (status != LineStatus.TooLong && line.IsEmpty))
                continue;
            row = default;
            string? reason = status == LineStatus.TooLong ? "over 1 MiB without an end" : null;
            bool isRead = reason is null && TryRow(line, out row);
            // The last line of a file that breaks off cannot be trusted even where it reads well.
            if (status == LineStatus.Unterminated && (!isRead || _input.Damage != GzipDamage.None))
            {
                IsTruncated |= _input.Damage != GzipDamage.Corrupt;
                continue;
            }

            if (isRead && !IsWanted(line))
                continue;
            if (reason is not null)
                Damage = new CandleDamage(Line, UnixNanos.None, "", reason);
            Rows++;
            return isRead ? CandleReadStatus.Candle : CandleReadStatus.Damaged;
        }
    }

    public void Dispose() => _input.Dispose();

    private CandleReadStatus End(out CandleRow row)
    {
        row = default;
        IsTruncated |= _input.Damage == GzipDamage.Truncated;
        IsCorrupt = _input.Damage == GzipDamage.Corrupt;
        if (Rows == 0 && _wantedSymbol is not null && _refusedSymbol is not null)
            throw new InvalidDataException($"{_path}: no row has the wanted symbol; the first is '{_refusedSymbol}'");
        return CandleReadStatus.End;
    }

    private bool TryRow(ReadOnlySpan<byte> line, out CandleRow row)
    {
        row = default;
        _cells.Split(line, Shape.Separator);
        if (_cells.Count < _columns.Needed)
            return Fail(UnixNanos.None, "", $"{_cells.Count} fields, {(Shape.HeaderWidth > 0 ? "the header names" : "expected at least")} {(Shape.HeaderWidth > 0 ? Shape.HeaderWidth : _columns.Needed)}");
        if (Shape.HeaderWidth > 0 && _cells.Count > Shape.HeaderWidth && _cells.Filled > Shape.HeaderWidth)
            return Fail(UnixNanos.None, "", $"{_cells.Count} fields, the header names {Shape.HeaderWidth}");
        if (!TryTime(line, out UnixNanos time, out CandleTimeForm form))
            return Fail(UnixNanos.None, "time", $"time is '{Shorten(line, _columns.Time)}', expected an epoch of s, ms, µs or ns, or a date and time");
        Span<double> values = stackalloc double[5];
        for (int i = 0; i < values.Length; i++)
        {
            if (!CandleNumber.TryParse(_cells.Of(line, _values[i].Column), Shape.HasDecimalComma, out values[i]))
                return Fail(time, _values[i].Name, $"{_values[i].Name} is '{Shorten(line, _values[i].Column)}', expected a number");
        }

        row = new CandleRow(Line, time, form, values[0], values[1], values[2], values[3], values[4]);
        return true;
    }

    private bool TryTime(ReadOnlySpan<byte> line, out UnixNanos time, out CandleTimeForm form)
    {
        ReadOnlySpan<byte> cell = _cells.Of(line, _columns.Time);
        if (Shape.Midnight != UnixNanos.None)
        {
            form = CandleTimeForm.SinceMidnight;
            bool isInDay = CandleNumber.TryParse(cell, hasComma: false, out double millis) && millis is >= 0 and < 86_400_000;
            time = isInDay ? Shape.Midnight + (long)Math.Round(millis * UnixNanos.PerMillisecond) : UnixNanos.None;
            return isInDay;
        }

        if (!CandleTimeText.TryParse(cell, Shape.DateOrder, out time, out form))
            return false;
        if (_columns.TimeOfDay >= 0)
        {
            if (!CandleTimeText.TryTimeOfDay(_cells.Of(line, _columns.TimeOfDay), out long clock))
                return false;
            time += clock;
        }

        // Ends are written as the last instant of a candle or as the first of the next.
        if (_columns.TimeIsClose)
            time = (time - 1).Floor(Shape.Interval);
        return true;
    }

    private bool IsWanted(ReadOnlySpan<byte> line)
    {
        if (_columns.Symbol < 0)
            return true;
        ReadOnlySpan<byte> symbol = _cells.Of(line, _columns.Symbol);
        if (_symbol is not null && symbol.SequenceEqual(_symbol))
            return true;
        string text = Encoding.UTF8.GetString(symbol);
        if (_wantedSymbol is not null)
        {
            bool isWanted = CandleColumnNames.Plain(text) == _wantedSymbol;
            if (isWanted)
                _symbol = symbol.ToArray();
            else
                _refusedSymbol ??= text;
            return isWanted;
        }

        if (_symbol is not null)
            throw new InvalidDataException($"{_path}: line {Line}: symbol {text} after {Encoding.UTF8.GetString(_symbol)}; choose one with --symbol");
        _symbol = symbol.ToArray();
        return true;
    }

    private bool Fail(UnixNanos time, string field, string reason)
    {
        Damage = new CandleDamage(Line, time, field, reason);
        return false;
    }

    private string Shorten(ReadOnlySpan<byte> line, int column)
    {
        string text = _cells.TextOf(line, column);
        return text.Length <= ShownText ? text : text[..ShownText] + "…";
    }
}
