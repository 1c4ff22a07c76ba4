using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Crpbot.Inference;

/// <summary>Identity of what a model reads: the schema version and the ordered names, never only their count.</summary>
public static class FeatureListHash
{
    /// <summary>SHA-256, lower-case hex, of the version and each name, one a line.</summary>
    public static string Compute(int schemaVersion, IEnumerable<string> names)
    {
        var text = new StringBuilder("crpbot-features ").Append(schemaVersion.ToString(CultureInfo.InvariantCulture)).Append('\n');
        foreach (string name in names)
            text.Append(name).Append('\n');
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
