using System.Text;
using Crpbot.Codecs.Captures;
using Crpbot.Codecs.Text;

namespace Crpbot.Cli;

/// <summary>What a file or folder looks like from its first bytes.</summary>
internal enum InputForm
{
    /// <summary>A folder.</summary>
    Lake = 0,
    Capture,
    Parquet,

    /// <summary>A CSV with an exchange's and our own time.</summary>
    TardisCsv,

    /// <summary>Lines of JSON.</summary>
    Recording,

    /// <summary>Any other text: candles, if anything.</summary>
    Candles,
}

/// <summary>Tells the forms of input apart without a flag.</summary>
internal static class InputForms
{
    private const int LongestHeader = 64 * 1024;

    /// <exception cref="FileNotFoundException">There is no such file or folder.</exception>
    public static InputForm Of(string path)
    {
        if (Lakes.IsOne(path))
            return InputForm.Lake;
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path}: there is no such file");
        if (CaptureFile.IsCapture(path))
            return InputForm.Capture;
        using FileStream file = File.OpenRead(path);
        Span<byte> magic = stackalloc byte[4];
        int count = file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false);
        if (count == magic.Length && magic.SequenceEqual("PAR1"u8))
            return InputForm.Parquet;
        if (count == magic.Length && magic[..2].SequenceEqual("PK"u8))
            return InputForm.Candles;
        file.Position = 0;
        using Stream text = CompressedInput.Open(file, out _);
        var buffer = new byte[LongestHeader];
        int length = text.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        string line = Encoding.UTF8.GetString(buffer, 0, length).Split('\n')[0];
        return line.Contains("local_timestamp", StringComparison.OrdinalIgnoreCase) ? InputForm.TardisCsv
            : line.Contains('{', StringComparison.Ordinal)
                || line.Contains("://", StringComparison.Ordinal) && line.Contains("<-", StringComparison.Ordinal) ? InputForm.Recording
            : InputForm.Candles;
    }
}
