using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Crpbot.Datasets.Download;

/// <summary>Candles of one day, each number in the text it came in.</summary>
internal sealed class CandleRows
{
    public const string Header = "time,low,high,open,close,volume\n";
    private const int Columns = 6;
    private readonly SortedDictionary<long, string> _rows = [];

    public int Count => _rows.Count;

    /// <summary>Takes the candles of an answer that begin in [start, end); Coinbase sometimes sends others too.</summary>
    /// <param name="json"><c>[[time,low,high,open,close,volume],…]</c> in any order.</param>
    /// <exception cref="ServiceException">The answer has another form, or two candles of one minute that differ.</exception>
    public void Add(ReadOnlySpan<byte> json, DateTime start, DateTime end)
    {
        (long first, long last) = (new DateTimeOffset(start).ToUnixTimeSeconds(), new DateTimeOffset(end).ToUnixTimeSeconds());
        try
        {
            var rows = new Dictionary<long, string>();
            var reader = new Utf8JsonReader(json);
            Expect(ref reader, JsonTokenType.StartArray);
            while (Next(ref reader) != JsonTokenType.EndArray)
            {
                (long time, string row) = ReadRow(ref reader);
                if (time >= first && time < last && !rows.TryAdd(time, row) && rows[time] != row)
                    throw new JsonException($"two candles of {time} that differ");
            }

            // Only a whole answer counts: a damaged one is asked for again.
            foreach ((long time, string row) in rows)
                _rows[time] = row;
        }
        catch (Exception error) when (error is JsonException or FormatException or InvalidOperationException)
        {
            throw new ServiceException(Failure.Transient, $"the answer is no array of candles: {error.Message}", inner: error);
        }
    }

    /// <summary>The CSV, oldest first.</summary>
    public byte[] ToCsv()
    {
        var text = new StringBuilder(Header, Header.Length + _rows.Count * 64);
        foreach (string row in _rows.Values)
            text.Append(row).Append('\n');
        return Encoding.ASCII.GetBytes(text.ToString());
    }

    private static (long Time, string Row) ReadRow(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new JsonException("a candle that is no array");
        long time = 0;
        var row = new StringBuilder(64);
        for (int column = 0; column < Columns; column++)
        {
            Expect(ref reader, JsonTokenType.Number);
            string text = Encoding.ASCII.GetString(reader.ValueSpan);
            if (column == 0)
                time = long.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
            row.Append(column == 0 ? "" : ",").Append(text);
        }

        Expect(ref reader, JsonTokenType.EndArray);
        return time % 60 == 0 ? (time, row.ToString()) : throw new JsonException($"a candle at {time}, which is no full minute");
    }

    private static JsonTokenType Next(ref Utf8JsonReader reader) => reader.Read() ? reader.TokenType : throw new JsonException("it ends too early");

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType type)
    {
        if (Next(ref reader) != type)
            throw new JsonException($"expected {type}, found {reader.TokenType}");
    }
}
