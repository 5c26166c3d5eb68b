using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Amp.Testing;

namespace Amp.Sdk.Tests.Permissions;

/// <summary>
/// What the pinned CLIs have said to questions about rules: they say the same each time, and a start for each of hundreds of questions takes
/// a second of processor time. One question in eight is asked again in each run, another one every day, or those of the part that
/// <c>AMP_TEST_VERDICTS</c> names; a CLI of another size is asked everything. <c>AMP_TEST_RECORD=1</c> asks everything and writes the file anew;
/// <c>AMP_TEST_RECORD=new</c> adds what was never asked.
/// </summary>
internal static class RecordedVerdicts
{
    private const int AskedAgain = 8;

    private static readonly string s_file = Path.Combine(RepositoryLayout.Root, "tests", "Amp.Sdk.Tests", "Permissions", "verdicts.txt");
    // The same in the whole run, also where a day ends in it.
    private static readonly int s_part =
        (int.TryParse(Environment.GetEnvironmentVariable("AMP_TEST_VERDICTS"), CultureInfo.InvariantCulture, out int part) ? part : DateTime.UtcNow.DayOfYear) % AskedAgain;

    private static readonly bool s_records = Environment.GetEnvironmentVariable("AMP_TEST_RECORD") == "1";
    private static readonly bool s_adds = Environment.GetEnvironmentVariable("AMP_TEST_RECORD") == "new";
    private static readonly Lazy<Dictionary<string, string>> s_known = new(Read);
    private static readonly SortedDictionary<string, string> s_recorded = new(s_adds ? s_known.Value : [], StringComparer.Ordinal);

    /// <summary>Names a question: the same CLI, rules and call give the same name.</summary>
    public static string KeyOf(string cli, string rules, IEnumerable<string> call) => Convert.ToHexString(
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', [new FileInfo(cli).Length.ToString(), rules, .. call]))).AsSpan(0, 12));

    /// <summary>What was said; null where it is to be asked.</summary>
    public static string? Find(string key) =>
        s_records || key.Sum(c => c) % AskedAgain == s_part ? null : s_known.Value.GetValueOrDefault(key);

    /// <summary>Notes what was said now, and compares it with what was said before.</summary>
    public static void Note(string key, string verdict)
    {
        if (!s_records)
        {
            string before = s_known.Value.GetValueOrDefault(key, verdict);
            Assert.True(before == verdict, $"It says '{verdict}', and said '{before}' before. AMP_TEST_VERDICTS={s_part} asks the same questions on any day.");
            if (!s_adds)
            {
                return;
            }
        }

        lock (s_recorded)
        {
            s_recorded[key] = verdict;
            File.WriteAllLines(s_file, s_recorded.Select(entry => $"{entry.Key} {entry.Value}"));
        }
    }

    private static Dictionary<string, string> Read() => File.Exists(s_file)
        ? File.ReadAllLines(s_file).ToDictionary(line => line[..line.IndexOf(' ')], line => line[(line.IndexOf(' ') + 1)..])
        : [];
}
