using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;

namespace Crpbot.Training.Tests.Evaluation;

/// <summary>Arrays of a NumPy archive: a zip of .npy files, C order, little-endian.</summary>
internal static class Npz
{
    /// <param name="path">The archive.</param>
    /// <param name="name">Of the array.</param>
    /// <param name="type">As NumPy writes it, e.g. <c>&lt;f4</c>.</param>
    public static T[] Read<T>(string path, string name, string type)
        where T : struct
    {
        using ZipArchive archive = ZipFile.OpenRead(path);
        using var memory = new MemoryStream();
        using (Stream stream = archive.GetEntry(name + ".npy")!.Open())
            stream.CopyTo(memory);
        byte[] bytes = memory.ToArray();
        if (bytes[0] != 0x93 || !bytes.AsSpan(1, 5).SequenceEqual("NUMPY"u8))
            throw new InvalidDataException($"{path}: {name} is no .npy array");
        int header = BitConverter.ToUInt16(bytes, 8);
        string description = Encoding.ASCII.GetString(bytes, 10, header);
        return description.Contains($"'descr': '{type}'", StringComparison.Ordinal) && description.Contains("'fortran_order': False", StringComparison.Ordinal)
            ? MemoryMarshal.Cast<byte, T>(bytes.AsSpan(10 + header)).ToArray()
            : throw new InvalidDataException($"{path}: {name} is {description}, expected {type} in C order");
    }
}
