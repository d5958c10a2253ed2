package org.apache.kafka.clients.producer.internals;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.utils.LogContext;

/**
 * Prints as JSON where the Java producer's own built-in partitioner puts keys, and how it draws the
 * next partition from queues of batches, so that ours is held against Kafka and not against
 * somebody's memory. It lies in the partitioner's package, since that hides what is asked here.
 */
public class PartitionDump {
    /** Those of Kafka's UtilsTest.testMurmur2 first. */
    private static final String[] KEYS = {
        "21", "foobar", "a-little-bit-long-string", "a-little-bit-longer-string",
        "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", "abc",
        "", "a", "ab", "abcd", "abcde", "key-000000", "KR-17", "gr\u00fc\u00dfe", "\u4f60\u597d",
    };
    private static final int[] COUNTS = {1, 2, 3, 6, 7, 12, 50, 128, 1000};

    public static void main(String[] args) throws Exception {
        List<String> keys = new ArrayList<>();
        for (String key : KEYS) {
            byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
            int[] at = new int[COUNTS.length];
            for (int i = 0; i < at.length; i++) at[i] = BuiltInPartitioner.partitionForKey(bytes, COUNTS[i]);
            keys.add("  {\"hex\": \"" + hex(bytes) + "\", \"at\": " + Arrays.toString(at) + "}");
        }
        List<String> draws = new ArrayList<>();
        Random random = new Random(794);
        draws.add(draw(new int[] {0, 3, 1}, new int[] {0, 1, 2}, 3));
        draws.add(draw(new int[] {2, 2, 2}, new int[] {0, 1, 2}, 3));
        draws.add(draw(new int[] {2, 2, 0}, new int[] {0, 2, 0}, 2));
        draws.add(draw(new int[] {5, 0, 0}, new int[] {1, 0, 0}, 1));
        draws.add(draw(new int[] {5, 0, 0}, new int[] {1, 0, 0}, 0));
        draws.add(draw(new int[] {7}, new int[] {0}, 1));
        for (int i = 0; i < 60; i++) {
            int all = 2 + random.nextInt(11), left = 0;
            int[] sizes = new int[all], ids = new int[all];
            for (int p = 0; p < all; p++) {
                if (i % 3 > 0 && random.nextInt(4) == 0) continue; // left out
                ids[left] = p;
                sizes[left++] = random.nextInt(1 + random.nextInt(9));
            }
            draws.add(draw(sizes, ids, left));
        }
        System.out.print("{\n\"counts\": " + Arrays.toString(COUNTS)
            + ",\n\"keys\": [\n" + String.join(",\n", keys)
            + "\n],\n\"draws\": [\n" + String.join(",\n", draws) + "\n]\n}\n");
    }

    /** The partition for each number that may be drawn, in order; null where it draws among all alike. */
    private static String draw(int[] sizes, int[] ids, int left) throws Exception {
        String asked = "  {\"all\": " + sizes.length
            + ", \"partitions\": " + Arrays.toString(Arrays.copyOf(ids, left))
            + ", \"batches\": " + Arrays.toString(Arrays.copyOf(sizes, left));
        int[] next = {0};
        BuiltInPartitioner p = new BuiltInPartitioner(new LogContext(), "t", 1) {
            @Override
            int randomPartition() {
                return next[0]++;
            }
        };
        p.updatePartitionLoadStats(sizes, ids, left);
        Field stats = BuiltInPartitioner.class.getDeclaredField("partitionLoadStats");
        stats.setAccessible(true);
        if (stats.get(p) == null) return asked + ", \"picks\": null}";
        Method nextPartition = BuiltInPartitioner.class.getDeclaredMethod("nextPartition", Cluster.class);
        nextPartition.setAccessible(true);
        int[] picks = new int[p.loadStatsRangeEnd()];
        for (int i = 0; i < picks.length; i++) picks[i] = (int) nextPartition.invoke(p, (Cluster) null);
        return asked + ", \"picks\": " + Arrays.toString(picks) + "}";
    }

    private static String hex(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        for (byte b : bytes) text.append(String.format("%02x", b));
        return text.toString();
    }
}
