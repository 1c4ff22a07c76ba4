using System.Text.Json;

namespace Crpbot.Codecs.Normalization;

/// <summary>Access to a venue's JSON with the meaning JavaScript gives it: a field that is not there is undefined, not an error.</summary>
internal static class MessageElements
{
    public static JsonElement Field(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) ? value : default;

    public static bool Exists(this JsonElement element) => element.ValueKind != JsonValueKind.Undefined;

    public static bool Is(this JsonElement element, string text) => element.ValueKind == JsonValueKind.String && element.ValueEquals(text);

    /// <summary>The text of a field that must be there.</summary>
    public static string RequiredText(this JsonElement element, string name)
    {
        JsonElement value = element.Field(name);
        return value.ValueKind == JsonValueKind.String ? value.GetString()! : throw new UnusableMessageException($"'{name}' is missing or no text");
    }

    /// <summary>An id, which venues write as a number or as text.</summary>
    public static string RequiredId(this JsonElement element, string name)
    {
        JsonElement value = element.Field(name);
        return value.ValueKind switch
        {
            JsonValueKind.String => value.GetString()!,
            JsonValueKind.Number => value.GetRawText(),
            _ => throw new UnusableMessageException($"'{name}' is missing or no id"),
        };
    }

    public static long RequiredInteger(this JsonElement element, string name)
    {
        JsonElement value = element.Field(name);
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number)
            ? number
            : throw new UnusableMessageException($"'{name}' is missing or no integer");
    }

    public static JsonElement RequiredArray(this JsonElement element, string name)
    {
        JsonElement value = element.Field(name);
        return value.ValueKind == JsonValueKind.Array ? value : throw new UnusableMessageException($"'{name}' is missing or no array");
    }

    public static TardisTime RequiredEpoch(this JsonElement element, string name) =>
        TardisTime.TryFromEpoch(element.Field(name), out TardisTime time) ? time : throw new UnusableMessageException($"'{name}' is missing or no time");

    public static TardisTime RequiredIso(this JsonElement element, string name) =>
        TardisTime.TryFromIso(element.Field(name), out TardisTime time) ? time : throw new UnusableMessageException($"'{name}' is missing or no time");

    /// <summary>Element <paramref name="index"/> of a level, or undefined.</summary>
    public static JsonElement Item(this JsonElement level, int index) =>
        level.ValueKind == JsonValueKind.Array && index < level.GetArrayLength() ? level[index] : default;
}

/// <summary>A message that tardis-dev could not map either; caught by <see cref="TardisNormalizer"/>, which refuses it.</summary>
internal sealed class UnusableMessageException(string reason) : Exception(reason);
