using System.Text;
using System.Text.Json.Nodes;

namespace Crpbot.Codecs.Tests.Venues;

/// <summary>Ways in which a message may differ from the ones a venue usually sends: harmless ones and hostile ones.</summary>
public static class Mutations
{
    private static readonly byte[] Favourites = Encoding.UTF8.GetBytes("{}[]\",:\\ 0123456789-.eEutfnbsax\n");

    /// <summary>The same document with its fields in another order, at every depth.</summary>
    public static byte[] Shuffled(byte[] message, Random random) => Encoding.UTF8.GetBytes(Shuffle(JsonNode.Parse(message)!, random).ToJsonString(Plain));

    /// <summary>The same document with whitespace wherever it is allowed.</summary>
    public static byte[] Spaced(byte[] message, Random random)
    {
        var spaced = new List<byte>();
        bool inText = false;
        for (int i = 0; i < message.Length; i++)
        {
            byte b = message[i];
            bool structural = !inText && "{}[]:,"u8.Contains(b);
            if (structural)
                AddSpace(spaced, random);
            spaced.Add(b);
            if (structural)
                AddSpace(spaced, random);
            if (b == '"' && (i == 0 || message[i - 1] != '\\'))
                inText = !inText;
        }

        return [.. spaced];
    }

    /// <summary>A few bytes changed, removed, inserted or doubled.</summary>
    public static byte[] Damaged(byte[] message, Random random)
    {
        var damaged = new List<byte>(message);
        for (int n = random.Next(1, 4); n > 0 && damaged.Count > 0; n--)
        {
            int at = random.Next(damaged.Count);
            byte b = random.Next(3) == 0 ? (byte)random.Next(256) : Favourites[random.Next(Favourites.Length)];
            switch (random.Next(6))
            {
                case 0:
                    damaged.RemoveAt(at);
                    break;
                case 1:
                    damaged.Insert(at, b);
                    break;
                case 2:
                    int length = random.Next(1, Math.Min(12, damaged.Count - at + 1));
                    damaged.InsertRange(at, damaged.GetRange(at, length));
                    break;
                default:
                    damaged[at] = b;
                    break;
            }
        }

        return [.. damaged];
    }

    private static readonly System.Text.Json.JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static JsonNode Shuffle(JsonNode node, Random random)
    {
        switch (node)
        {
            case JsonObject source:
                KeyValuePair<string, JsonNode?>[] fields = [.. source];
                random.Shuffle(fields);
                var shuffled = new JsonObject();
                foreach ((string name, JsonNode? value) in fields)
                    shuffled.Add(name, value is null ? null : Shuffle(value.DeepClone(), random));
                return shuffled;
            case JsonArray source:
                var array = new JsonArray();
                foreach (JsonNode? value in source)
                    array.Add(value is null ? null : Shuffle(value.DeepClone(), random));
                return array;
            default:
                return node.DeepClone();
        }
    }

    private static void AddSpace(List<byte> text, Random random)
    {
        while (random.Next(3) == 0)
            text.Add(" \t\r\n"u8[random.Next(4)]);
    }
}
