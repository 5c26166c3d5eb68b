#Requires -Version 7.4
<#
.SYNOPSIS
    Makes src/Amp.PowerShell/en-US/about_*.help.txt, which Get-Help reads, of docs/help/about_*.md.
.DESCRIPTION
    'build.ps1 Help' runs this. The result is committed; a test holds that it is what the pages give. It knows the Markdown that these pages
    have: headings, paragraphs, lists, tables, code and links.
#>
[CmdletBinding()]
param(
    # The folder of the Markdown pages.
    [string] $Markdown = (Join-Path $PSScriptRoot '..' 'docs' 'help'),

    # The folder that the texts are written to. Those of pages that are gone are removed from it.
    [string] $Destination = (Join-Path $PSScriptRoot '..' 'src' 'Amp.PowerShell' 'en-US')
)

$ErrorActionPreference = 'Stop'
$width = 79

function ConvertTo-PlainText([string] $Text) {
    $Text.Trim() -replace '\[([^\]]+)\]\([^)]+\)', '$1' -replace '`([^`]*)`', '$1' -replace '\*\*([^*]+)\*\*', '$1' -replace '\\\|', '|'
}

# Lines of words; the first begins with the given text, the others stand below its end.
function Format-ParagraphText([string] $Text, [string] $First) {
    $line = $First.TrimEnd()
    $column = $First.Length
    foreach ($word in -split (ConvertTo-PlainText $Text)) {
        if ($line.Trim() -and $line.Length -gt $column -and $line.Length + 1 + $word.Length -gt $width) {
            $line
            $line = ''
        }

        $line = $line.Length -lt $column ? $line.PadRight($column) + $word : "$line $word"
    }

    $line
}

# The first column is what is told about. What is told of it stands below, with the headings of its columns where there are several.
function Format-TableText([string[]] $Row) {
    $cells = foreach ($one in $Row) {
        , @($one.Trim().Trim('|') -split '(?<!\\)\|' | ForEach-Object Trim)
    }

    $headings = $cells[0] | Select-Object -Skip 1 | ForEach-Object { $_ ? "$($_.Substring(0, 1).ToUpperInvariant())$($_.Substring(1)):" : '' }
    $indent = 8 + (@($headings).Count -gt 1 ? ($headings | Measure-Object Length -Maximum).Maximum + 1 : 0)
    foreach ($one in $cells | Select-Object -Skip 2) {
        Format-ParagraphText $one[0] (' ' * 4)
        for ($i = 1; $i -lt $one.Count; $i++) {
            $heading = @($headings).Count -gt 1 ? @($headings)[$i - 1] : ''
            Format-ParagraphText $one[$i] "$(' ' * 8)$heading".PadRight($indent)
        }

        if (@($headings).Count -gt 1) {
            ''
        }
    }
}

function Format-PageText([string] $Text) {
    $lines = $Text.ReplaceLineEndings("`n") -split "`n"
    $i = 0
    while ($i -lt $lines.Count) {
        $start = $i++
        switch -Regex ($lines[$start]) {
            '^# (.*)' { 'TOPIC', "    $($Matches[1])" }
            '^## (.*)' { (ConvertTo-PlainText $Matches[1]).ToUpperInvariant() }
            '^### (.*)' { "  $(ConvertTo-PlainText $Matches[1])" }
            '^$' { '' }
            '^```' {
                while ($lines[$i] -ne '```') {
                    $lines[$i] ? "        $($lines[$i])" : ''
                    $i++
                }

                $i++
            }
            '^\|' {
                while ($lines[$i] -like '|*') {
                    $i++
                }

                Format-TableText $lines[$start..($i - 1)]
            }
            '^(- |\d+\. )' {
                $mark = $Matches[1]
                while ($lines[$i] -match '^ +\S') {
                    $i++
                }

                Format-ParagraphText (($lines[$start..($i - 1)] -join ' ').Substring($mark.Length)) "    $mark"
            }
            default {
                while ($lines[$i] -and $lines[$i] -notmatch '^(#|```|\||- |\d+\. )') {
                    $i++
                }

                Format-ParagraphText ($lines[$start..($i - 1)] -join ' ') (' ' * 4)
            }
        }
    }
}

$pages = Get-ChildItem -Path (Join-Path $Markdown 'about_*.md')
foreach ($page in $pages) {
    $text = ((Format-PageText (Get-Content -Raw -LiteralPath $page.FullName)) -join "`n") -replace '\n(?=(\n[A-Z]))', "`n" -replace '(?m) +$' -replace '\n{3,}', "`n`n"
    # Get-Help wants a heading's text in the line below it.
    $text = $text -creplace '(?m)^([^a-z\s][^a-z\n]*)\n\n', "`$1`n"
    [System.IO.File]::WriteAllText((Join-Path $Destination "$($page.BaseName).help.txt"), $text.TrimEnd() + "`n")
}

Get-ChildItem -Path (Join-Path $Destination 'about_*.help.txt') | Where-Object { $_.Name -replace '\.help\.txt$' -notin $pages.BaseName } | Remove-Item
