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
}
