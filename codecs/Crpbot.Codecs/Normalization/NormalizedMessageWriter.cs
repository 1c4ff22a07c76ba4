using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Crpbot.Codecs.Normalization;

/// <summary>One level of a book message.</summary>
/// <param name="Key">The price as the venue wrote it: two updates concern the same level when it is the same text.</param>
internal readonly record struct NormalizedLevel(string Key, DecimalText Price, DecimalText Amount);

/// <summary>Writes tardis-normalised messages, one JSON object a line; fields whose value is undefined are left out.</summary>
internal sealed class NormalizedMessageWriter(string exchange) : IDisposable
{
    private static readonly JsonWriterOptions Options = new() { SkipValidation = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly ArrayBufferWriter<byte> _buffer = new(4096);
    private Utf8JsonWriter? _json;

    /// <summary>Messages written since the last Clear.</summary>
    public int Count { get; private set; }

    public ReadOnlySpan<byte> Lines => _buffer.WrittenSpan;

    public void Dispose() => _json?.Dispose();

    public void Clear()
    {
        _buffer.ResetWrittenCount();
        Count = 0;
    }

    public void Begin(string type, string symbol)
    {
        BeginObject(type);
        _json!.WriteString("symbol"u8, symbol);
        _json.WriteString("exchange"u8, exchange);
    }

    public void End(TardisTime timestamp, TardisTime localTimestamp)
    {
        Time("timestamp", timestamp);
        Time("localTimestamp", localTimestamp);
        EndObject();
    }

    public void WriteDisconnect(TardisTime localTimestamp)
    {
        BeginObject("disconnect");
        _json!.WriteString("exchange"u8, exchange);
        Time("localTimestamp", localTimestamp);
        EndObject();
    }

    public void Text(string name, string value) => _json!.WriteString(name, value);

    public void Flag(string name, bool value) => _json!.WriteBoolean(name, value);

    public void Time(string name, TardisTime value)
    {
        if (value.IsKnown)
            _json!.WriteString(name, value.ToString());
    }

    /// <summary>What is not a number is written as null, as JSON.stringify does.</summary>
    public void Number(string name, DecimalText value)
    {
        _json!.WritePropertyName(name);
        if (value.Text is null)
            _json.WriteNullValue();
        else
            _json.WriteRawValue(value.Text, skipInputValidation: true);
    }

    public void NumberIfPresent(string name, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Undefined)
            Number(name, DecimalText.Of(value));
    }

    public void Levels(string name, IReadOnlyList<NormalizedLevel> levels)
    {
        _json!.WriteStartArray(name);
        foreach (NormalizedLevel level in levels)
        {
            _json.WriteStartObject();
            Number("price", level.Price);
            Number("amount", level.Amount);
            _json.WriteEndObject();
        }

        _json.WriteEndArray();
    }

    private void BeginObject(string type)
    {
        if (_json is null)
            _json = new Utf8JsonWriter(_buffer, Options);
        else
            _json.Reset(_buffer);
        _json.WriteStartObject();
        _json.WriteString("type"u8, type);
    }

    private void EndObject()
    {
        _json!.WriteEndObject();
        _json.Flush();
        _buffer.Write("\n"u8);
        Count++;
    }
}
