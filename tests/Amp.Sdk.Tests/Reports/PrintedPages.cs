using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Amp.Sdk.Tests.Reports;

/// <summary>What is on the pages of a PDF: read by the programs of poppler-utils, which draw and search them as a viewer does.</summary>
internal static class PrintedPages
{
    private static readonly string[] s_programs = ["pdftotext", "pdftoppm"];

    /// <summary>Why pages cannot be read; null if they can.</summary>
    public static string? Missing => s_programs.FirstOrDefault(program => PathOf(program) is null) is string missing
        ? $"{missing} of poppler-utils is not on PATH: what is printed of a page is not read."
        : null;

    /// <summary>The text of all pages without white space, which depends on how lines break.</summary>
    public static async Task<string> TextAsync(string pdf) => Regex.Replace(System.Text.Encoding.UTF8.GetString(await RunAsync("pdftotext", "-raw", "-enc", "UTF-8", pdf, "-")), @"\s+|\f", string.Empty);

    /// <summary>The words that are not completely on their page.</summary>
    public static async Task<IReadOnlyList<string>> WordsBeyondAsync(string pdf)
    {
        List<string> beyond = [];
        double width = 0;
        double height = 0;
        foreach (string line in System.Text.Encoding.UTF8.GetString(await RunAsync("pdftotext", "-bbox", "-enc", "UTF-8", pdf, "-")).Split('\n'))
        {
            if (Regex.Match(line, "<page width=\"([0-9.]+)\" height=\"([0-9.]+)\"") is { Success: true } page)
            {
                (width, height) = (Number(page.Groups[1]), Number(page.Groups[2]));
            }
            else if (Regex.Match(line, "<word xMin=\"([-0-9.]+)\" yMin=\"([-0-9.]+)\" xMax=\"([-0-9.]+)\" yMax=\"([-0-9.]+)\">(.*)</word>") is { Success: true } word
                && (Number(word.Groups[1]) < 0 || Number(word.Groups[2]) < -1 || Number(word.Groups[3]) > width || Number(word.Groups[4]) > height + 1))
            {
                beyond.Add(word.Value);
            }
        }

        Assert.True(width > 0);
        return beyond;
    }

    /// <summary>How bright the first page is, from 0 for black to 1 for white.</summary>
    public static async Task<double> BrightnessAsync(string pdf)
    {
        byte[] image = await RunAsync("pdftoppm", "-gray", "-r", "20", "-f", "1", "-l", "1", "-singlefile", pdf);
        Match header = Regex.Match(System.Text.Encoding.Latin1.GetString(image, 0, Math.Min(64, image.Length)), @"\AP5\s+(\d+)\s+(\d+)\s+255\s");
        Assert.True(header.Success);
        return image.Skip(header.Length).Average(pixel => pixel / 255.0);
    }

    private static double Number(Group group) => double.Parse(group.Value, CultureInfo.InvariantCulture);

    private static string? PathOf(string program) => (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator)
        .SelectMany(folder => (string[])[Path.Combine(folder, program), Path.Combine(folder, program + ".exe")]).FirstOrDefault(File.Exists);

    private static async Task<byte[]> RunAsync(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(PathOf(program)!, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> said = process.StandardError.ReadToEndAsync();
        using MemoryStream output = new();
        await process.StandardOutput.BaseStream.CopyToAsync(output);
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await said);
        return output.ToArray();
    }
}
