using System.Text;
using Crpbot.Codecs.Text;
using Crpbot.Messages;

namespace Crpbot.Datasets;

/// <summary>Finds the shape of a candle file from its header and first rows, and refuses one that can be read in two ways.</summary>
internal sealed class CandleProbe
{
    /// <summary>Rows that are looked into.</summary>
    public const int SampleRows = 10_000;

    private const int PrefaceLines = 5, ShownNames = 100;
    private static readonly string[] LeanColumns = ["time", "open", "high", "low", "close", "volume"];

    private readonly string _path;
    private readonly CandleFileOptions _options;
    private readonly CandleCells _cells = new();
    private readonly List<string> _notes = [];
    private string[] _names = [];
    private byte _separator;
    private long _headerLine;
    private int _headerWidth;
    private string? _symbol;

    private CandleProbe(string path, CandleFileOptions options) => (_path, _options) = (path, options);

    /// <exception cref="InvalidDataException">Names the file, what is ambiguous or missing, and the option that decides.</exception>
    public static CandleShape Find(string path, CandleFileOptions options)
    {
        using CandleInput input = CandleInput.Open(path);
        return new CandleProbe(path, options).Find(input);
    }

    private CandleShape Find(CandleInput input)
    {
        IReadOnlyList<string>? given = _options.Columns ?? (input.Midnight != UnixNanos.None ? LeanColumns : null);
        byte[]? firstRow = ReadHeader(input.Lines, given);
        string where = $"{_path}: line {Math.Max(1, _headerLine)}";
        int[] prices = CandleColumnNames.FindPrices(where, _names);
        int volume = _options.VolumeColumn is { } chosen
            ? CandleColumnNames.Find(where, _names, "--volume-column", chosen)
            : CandleColumnNames.FindVolume(where, _names, _options.Symbol ?? Path.GetFileName(_path));
        int symbol = CandleColumnNames.FindSymbol(_names);
        if (symbol == volume)
            symbol = -1;
        var sample = new CandleTimeSample(where, _names, _options, input.Midnight);
        bool hasComma = false, hasPoint = false;
        long rows = 0;
        for (LineStatus status = firstRow is null ? LineStatus.End : LineStatus.Line; ;)
        {
            ReadOnlySpan<byte> line = firstRow;
            if (firstRow is null && (status = input.Lines.Read(out line)) == LineStatus.End)
                break;
            firstRow = null;
            if (status == LineStatus.TooLong || line.IsEmpty)
                continue;
            _cells.Split(line, _separator);
            foreach (int price in prices)
            {
                ReadOnlySpan<byte> cell = price < _cells.Count ? _cells.Of(line, price) : default;
                hasPoint |= cell.Contains((byte)'.');
                // 1,234 may be a thousand and more; any other number of digits behind a comma is a fraction.
                hasComma |= _separator != ',' && cell.IndexOf((byte)',') is >= 0 and var at && cell.Length - at != 4;
            }

            // All of a file with several symbols would be a jumble of steps: its first symbol gives them.
            if (symbol < 0 || IsWanted(line, symbol))
                sample.Add(_cells, line);
            if (++rows >= SampleRows && sample.IsDecided)
                break;
        }

        CandleTimeColumn time = sample.Choose(_notes);
        long interval = _options.Interval ?? time.FrequentStep ?? UnixNanos.PerMinute;
        IntervalSource source = _options.Interval is not null ? IntervalSource.Given : time.FrequentStep is not null ? IntervalSource.Found : IntervalSource.Assumed;
        string of = source switch { IntervalSource.Given => "as given", IntervalSource.Found => "the most frequent step", _ => "assumed: the file has no step" };
        _notes.Insert(0, $"candles of {CandleInterval.Format(interval)} ({of}), {(time.IsNewestFirst ? "newest" : "oldest")} first");
        _notes.Add($"volume is column '{_names[volume]}'");
        return new CandleShape
        {
            Interval = interval,
            IntervalSource = source,
            IsNewestFirst = time.IsNewestFirst,
            TimeForm = time.Form,
            Notes = _notes,
            Columns = new CandleColumns(time.Column, time.TimeOfDay, time.IsClose, prices[0], prices[1], prices[2], prices[3], volume, symbol),
            Separator = _separator,
            HasDecimalComma = hasComma && !hasPoint,
            HeaderLine = _headerLine,
            HeaderWidth = _headerWidth,
            DateOrder = time.Order,
            Midnight = input.Midnight,
        };
    }

    private bool IsWanted(ReadOnlySpan<byte> line, int column)
    {
        if (column >= _cells.Count)
            return false;
        string plain = CandleColumnNames.Plain(_cells.TextOf(line, column));
        _symbol ??= CandleColumnNames.Plain(_options.Symbol ?? plain);
        return plain == _symbol;
    }

    /// <summary>Reads up to the header and takes its names; returns the first row when there is no header.</summary>
    private byte[]? ReadHeader(LineReader lines, IReadOnlyList<string>? given)
    {
        string? first = null;
        for (int preface = 0; ;)
        {
            LineStatus status = lines.Read(out ReadOnlySpan<byte> line);
            if (status == LineStatus.End)
                throw new InvalidDataException($"{_path}: line 1: {(first is null ? "the file is empty; expected a header" : $"no header of candles in '{first}'; expected one")} such as time,open,high,low,close,volume");
            if (status == LineStatus.TooLong || line.IndexOfAnyInRange((byte)0, (byte)8) >= 0)
                throw new InvalidDataException($"{_path}: line {lines.LineNumber}: this is no CSV text");
            if (line.Trim(" \t"u8).IsEmpty)
                continue;
            _separator = CandleCells.SeparatorOf(line);
            _cells.Split(line, _separator);
            string[] cells = ReadCells(line);
            bool isHeader = CandleColumnNames.IsHeader(cells);
            if (given is not null)
            {
                if (isHeader)
                    _headerLine = lines.LineNumber;
                _names = [.. given];
                _notes.Add($"columns are {string.Join(',', given)}{(_options.Columns is null ? ", as LEAN writes them" : ", as given")}");
                return isHeader ? null : line.ToArray();
            }

            if (isHeader)
            {
                (_headerLine, _headerWidth, _names) = (lines.LineNumber, _cells.Count, cells);
                return null;
            }

            if (cells.Length >= 5 && Array.TrueForAll(cells, IsValue))
            {
                throw new InvalidDataException($"{_path}: line {lines.LineNumber}: there is no header; name the columns in order, such as "
                    + "--columns time,open,close,high,low,volume (others are named - and not read)");
            }

            first ??= Shorten(line);
            if (cells.Length > 2 || ++preface > PrefaceLines)
                throw new InvalidDataException($"{_path}: line {lines.LineNumber}: there is no column open in '{Shorten(line)}'");
        }
    }

    private string[] ReadCells(ReadOnlySpan<byte> line)
    {
        var texts = new string[_cells.Count];
        for (int i = 0; i < texts.Length; i++)
            texts[i] = _cells.TextOf(line, i);
        return texts;
    }

    private static bool IsValue(string cell)
    {
        byte[] text = Encoding.UTF8.GetBytes(cell);
        return text.Length == 0 || CandleNumber.TryParse(text, hasComma: false, out _) || CandleNumber.TryParse(text, hasComma: true, out _)
            || CandleTimeText.TryParse(text, DateOrder.DayFirst, out _, out _) || CandleTimeText.TryParse(text, DateOrder.MonthFirst, out _, out _);
    }

    private static string Shorten(ReadOnlySpan<byte> line) => Encoding.UTF8.GetString(line[..Math.Min(line.Length, ShownNames)]);
}
