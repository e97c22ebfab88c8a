"""Buffers and HARQ of the plain Python cell: SDUs, and the blocks that carry them."""

from e2sim.network.link import BITS_PER_PRB, MCS_MIDDLE
from e2sim.scenario import SliceScenario
from tests.e2sim.reference_parts import GOLDEN, MASK, Block, Sdu, User, mix, unit
from tests.e2sim.reference_world import ReferenceWorld


class ReferenceBlocks(ReferenceWorld):
    """What users of one direction of a cell have waiting and under way."""

    # Buffers -------------------------------------------------------------------------------

    def _expire(self, s: int, part: SliceScenario, user: User) -> None:
        deadline = part.discard_ms << self.scenario.numerology
        while user.queue and self.now - user.queue[0].arrival.slot >= deadline:
            sdu = user.queue.popleft()
            sdu.gone = True
            self.counts[s]["dropped_bytes"] += sdu.size
            self.counts[s]["dropped_sdus"] += 1
            self.counts[s]["late_sdus"] += 1
        self._deliver(s, user, self.now)

    def _deliver(self, s: int, user: User, now: int) -> None:
        while user.queue and user.queue[0].missing == 0:
            sdu = user.queue.popleft()
            sdu.gone = True
            arrival = sdu.arrival
            if self.upward and not self.faults.carried(
                user.index, arrival.slot, arrival.size, sdu.place, self.tick
            ):
                for name in ("dropped_sdus", "lost_sdus"):
                    self.counts[s][name] += 1
                self.counts[s]["dropped_bytes"] += sdu.size
                continue
            self.counts[s]["delivered_bytes"] += sdu.size
            self.counts[s]["delivered_sdus"] += 1
            self.counts[s]["delay_slots"] += now - sdu.arrival.slot
            user.volume += sdu.size

    # HARQ ----------------------------------------------------------------------------------

    def _transmit(self, s: int, user: User, block: Block, prbs: int) -> None:
        process = self.turn % self.scenario.harq_rtt_slots
        if block.tries == 0:
            block.luck = unit(mix((user.luck + self.now * GOLDEN) & MASK))
        # Where the PRBs are more than the user has power for, the power is spread over them.
        block.sinr += self._sinr(user) * min(prbs, user.most) / block.prbs
        block.tries += 1
        count = self.counts[s]
        count["blocks"] += 1
        count["mcs_sum"] += block.mcs
        count["used_prbs"] += prbs
        failure = 1.0 / (1.0 + _eighth_power(block.sinr * float(1.0 / MCS_MIDDLE[block.mcs])))
        if block.luck >= failure:
            del user.blocks[process]
            for sdu, size in block.pieces:
                sdu.missing -= size
            self._deliver(s, user, self.now + 1)
            return
        count["nacks"] += 1
        user.blocks[process] = block
        if block.tries == self.scenario.harq_transmissions:
            del user.blocks[process]
            if any(not _arrival_gone(user, sdu) for sdu, _ in block.pieces):
                mcs = self._mcs(s, user)
                prbs = min(_prbs(block.size, mcs), self.scenario.prbs)
                user.blocks[process] = Block(block.pieces, prbs, mcs)

    def _new_block(self, s: int, user: User, prbs: int) -> None:
        mcs = self._mcs(s, user)
        room = prbs * int(BITS_PER_PRB[mcs]) // 8
        pieces = []
        for sdu in user.known(self.now - self.delay):
            take = min(room, sdu.unsent)
            if take:
                sdu.unsent -= take
                room -= take
                pieces.append((sdu, take))
        block = Block(pieces, prbs, mcs)
        user.served = 8 * block.size
        user.blocks[self.turn % self.scenario.harq_rtt_slots] = block
        self._transmit(s, user, block, prbs)

    def _due(self, user: User) -> Block | None:
        return user.blocks.get(self.turn % self.scenario.harq_rtt_slots)

    def _need(self, s: int, user: User) -> int:
        unsent = sum(sdu.unsent for sdu in user.known(self.now - self.delay))
        if user.held or self._due(user) or not unsent:
            return 0
        return min(_prbs(unsent, self._mcs(s, user)), user.most)


def _prbs(size: int, mcs: int) -> int:
    return -(-8 * size // int(BITS_PER_PRB[mcs]))


def _eighth_power(x: float) -> float:
    return ((x * x) * (x * x)) * ((x * x) * (x * x))


def _arrival_gone(user: User, sdu: Sdu) -> bool:
    return sdu.gone and all(other.arrival is not sdu.arrival for other in user.queue)
