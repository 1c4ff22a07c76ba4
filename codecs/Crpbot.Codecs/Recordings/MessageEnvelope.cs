using System.Text.Json;

namespace Crpbot.Codecs.Recordings;

/// <summary>Where the message and its local time stand in a line <c>{"localTimestamp":…,"message":{…},…}</c>.</summary>
internal readonly record struct MessageEnvelope(int MessageStart, int MessageLength, int TimeStart, int TimeLength)
{
    /// <summary>Finds them; false when the line is no such envelope, and so is the message itself.</summary>
    public static bool TryFind(ReadOnlySpan<byte> line, out MessageEnvelope envelope)
    {
        envelope = default;
        var reader = new Utf8JsonReader(line);
        int messageStart = -1;
        int messageLength = 0;
        int timeStart = 0;
        int timeLength = 0;
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool isMessage = reader.ValueTextEquals("message"u8);
                bool isTime = reader.ValueTextEquals("localTimestamp"u8);
                reader.Read();
                int start = (int)reader.TokenStartIndex;
                if (isTime && reader.TokenType is JsonTokenType.String or JsonTokenType.Number)
                {
                    bool quoted = reader.TokenType == JsonTokenType.String;
                    timeStart = quoted ? start + 1 : start;
                    timeLength = reader.ValueSpan.Length;
                }

                bool isContainer = reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray;
                reader.Skip();
                if (isMessage && isContainer)
                    (messageStart, messageLength) = (start, (int)reader.BytesConsumed - start);
            }
        }
        catch (JsonException)
        {
            return false;
        }

        envelope = new MessageEnvelope(messageStart, messageLength, timeStart, timeLength);
        return messageStart >= 0;
    }

    /// <summary>Finds <c>"localTimestamp":"…"</c> in a message that is its own envelope.</summary>
    public static bool TryFindTime(ReadOnlySpan<byte> message, out ReadOnlySpan<byte> time)
    {
        time = default;
        ReadOnlySpan<byte> name = "\"localTimestamp\""u8;
        int at = message.LastIndexOf(name);
        if (at < 0)
            return false;
        ReadOnlySpan<byte> rest = message[(at + name.Length)..].TrimStart((byte)' ');
        if (!rest.StartsWith(":"u8))
            return false;
        rest = rest[1..].TrimStart((byte)' ');
        int end = rest.StartsWith("\""u8) ? rest[1..].IndexOf((byte)'"') : -1;
        if (end < 0)
            return false;
        time = rest.Slice(1, end);
        return true;
    }
}
