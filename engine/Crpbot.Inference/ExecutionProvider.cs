using Microsoft.ML.OnnxRuntime;

namespace Crpbot.Inference;

/// <summary>Where the graph is computed: the CPU, or the devices of a plugin library.</summary>
/// <param name="Name">The provider's own name, e.g. <c>CUDAExecutionProvider</c>; <c>cpu</c> for the default.</param>
/// <param name="LibraryPath">The plugin's shared library; null for the CPU.</param>
public sealed record ExecutionProvider(string Name, string? LibraryPath)
{
    public static readonly ExecutionProvider Cpu = new("cpu", null);

    /// <summary>Reads <c>cpu</c> or <c>NAME=PATH</c>.</summary>
    /// <exception cref="ArgumentException">Neither of the two.</exception>
    public static ExecutionProvider Parse(string text)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        if (text == Cpu.Name)
            return Cpu;
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0 || equals == text.Length - 1)
            throw new ArgumentException($"execution provider '{text}': expected cpu or NAME=LIBRARY, e.g. CUDAExecutionProvider=/opt/ort/libonnxruntime_providers_cuda.so");
        return new ExecutionProvider(text[..equals], text[(equals + 1)..]);
    }

    /// <summary>Adds the plugin's devices to a session's options.</summary>
    /// <returns>Null, or why the CPU computes instead.</returns>
    internal string? AppendTo(SessionOptions options)
    {
        if (LibraryPath is null)
            return null;
        if (!File.Exists(LibraryPath))
            return Fallback($"there is no library {LibraryPath}");
        try
        {
            OrtEnv environment = OrtEnv.Instance();
            lock (Registered)
            {
                if (Registered.Add(LibraryPath))
                {
                    try
                    {
                        environment.RegisterExecutionProviderLibrary(LibraryPath, LibraryPath);
                    }
                    catch
                    {
                        Registered.Remove(LibraryPath);
                        throw;
                    }
                }
            }

            List<OrtEpDevice> devices = [.. environment.GetEpDevices().Where(device => device.EpName == Name)];
            if (devices.Count == 0)
                return Fallback($"{LibraryPath} offers no device named {Name}");
            options.AppendExecutionProvider(environment, devices, new Dictionary<string, string>());
            return null;
        }
        catch (Exception e) when (e is OnnxRuntimeException or EntryPointNotFoundException or DllNotFoundException)
        {
            return Fallback(e.Message.ReplaceLineEndings(" "));
        }
    }

    private string Fallback(string reason) => $"execution provider {Name} is not usable, the CPU computes instead: {reason}";

    // ONNX Runtime's environment is one per process and refuses a library twice.
    private static readonly HashSet<string> Registered = [];
}
